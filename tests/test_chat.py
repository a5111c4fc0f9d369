"""`chat.py` as somebody types it: answers on stdout, all else on stderr."""

import json
import signal
from subprocess import PIPE

import pytest
from support.commands import start
from support.small_checkpoint import OPTIONS, write_small_checkpoint

import exercise_experiments
from chat import main
from gpt2_experiments.chatting.speaker import find_speaker
from gpt2_experiments.chatting.terminal import Conversation, show
from gpt2_experiments.model.generation import GREEDY, Sampling
from gpt2_experiments.shared.errors import UsageError, UserError


@pytest.fixture(scope="module")
def made(tmp_path_factory, first_entries):
    """Untuned weights, and a run with LoRA in the Phi-3 style from them."""
    weights, folder = write_small_checkpoint(tmp_path_factory.mktemp("weights")), tmp_path_factory.mktemp("run")
    options = ["--weights", str(weights), "--data", str(first_entries(60)), *OPTIONS, "--max_new_tokens", "20"]
    exercise_experiments.main(["--exercise_solution", "phi3_prompt", "lora", *options, "--output_dir", str(folder)])
    return weights, folder


def talk(text, *arguments):
    """The lines on stdout and on stderr of a conversation that consists of this text."""
    process = start("chat.py", *arguments, stdin=PIPE)
    out, err = process.communicate(text, timeout=120)
    assert process.returncode == 0, err
    return out.splitlines(), err.splitlines()


def test_the_answers_are_those_of_the_response_file(made):
    _, folder = made
    entries = json.loads(next(folder.glob("*-response-*.json")).read_text("utf-8"))
    typed = "".join(f'/input """{entry["input"]}"""\n"""{entry["instruction"]}"""\n' for entry in entries)
    out, err = talk(typed, folder, "--max_new_tokens", 20, "--device", "cpu")
    assert "\n".join(out) == "\n".join(entry["model_response"] for entry in entries)
    assert err[0].startswith("Each message is answered alone")
    assert sum("tokens/s" in line for line in err) == len(entries)


def test_several_answer_in_turn_each_in_its_style(made):
    weights, folder = made
    out, _ = talk("Name a color.\n", folder, weights, "--max_new_tokens", 5, "--device", "cpu")
    assert [line for line in out if line.startswith("[")] == [f"[{folder}]", f"[{weights}]"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/set top_k 0", "top_k: 0 is less than 1; choose a number from 1 on"),
        ("/set seed 99999999999999999999999", "seed: 99999999999999999999999 is more than"),
        ("/set  top_k   none", "temperature 0.0, top_k None, top_p None, seed 0"),
        ("/set top_q 3", "/set top_q 3: give one of temperature, top_k, top_p, seed and a number"),
        ("/set temperature hot", "/set temperature hot: give one of"),
        ("/set temperature inf", "temperature: inf is not finite; choose a number from 0 on"),
        ("/nothing", "/nothing: no such command; /help names them"),
        ("/help", "/bye                leave, as the end of the input (Ctrl-D) does"),
        ("/input a text", "the next message is asked with this input"),
    ],
)
def test_what_a_command_does_is_said(typed, said, capsys):
    conversation = Conversation([], 5, GREEDY)
    conversation.take(typed)
    assert said in capsys.readouterr().err
    assert not conversation.over


def test_settings_of_the_conversation_are_changed_and_it_is_left(capsys):
    conversation = Conversation([], 5, GREEDY)
    for line in ("/set temperature 0.5", "/set top_k 3", "/set top_p 0.9", "/set seed 8", "/set top_k none", "/bye"):
        conversation.take(line)
    assert conversation.sampling == Sampling(0.5, None, 0.9, 8)
    assert conversation.over
    assert capsys.readouterr().err.splitlines()[-1] == "temperature 0.5, top_k None, top_p 0.9, seed 8"


def test_what_would_steer_the_terminal_is_not_printed(capsys):
    show(iter(["\x1b[2J", "\u202e", "Blue.\n\tRed", ""]))
    assert capsys.readouterr().out == "\ufffd[2J\ufffdBlue.\n\tRed\n"


def test_what_only_looks_unusual_is_printed(capsys):
    text = "\u6771\u4eac\u3000\u5927\u962a 10\u00a0% \U0001f468\u200d\U0001f469 \u0645\u06cc\u200c\u062e"
    show(iter([text, ""]))
    captured = capsys.readouterr()
    assert captured.out == f"{text}\n"
    assert captured.err.startswith("(1 tokens, ")


def test_a_text_in_quotes_is_never_a_command(made):
    weights, _ = made
    out, err = talk('"""\n/set is what?\n"""\n', weights, "--max_new_tokens", 5, "--device", "cpu")
    assert len(out) >= 1
    assert sum("tokens/s" in line for line in err) == 1


def test_quotes_that_never_end_are_said(made):
    weights, _ = made
    assert talk('"""Name\na color.\n', weights)[1][-1] == 'a text that """ begins has no end; it is left out'


def test_an_input_stays_until_something_is_answered(made, capsys):
    weights, _ = made
    speaker = find_speaker(str(weights), "alpaca", "gpt2", "cpu")
    conversation = Conversation([speaker], 3, GREEDY)
    conversation.take("/input un chat")
    conversation.take("word " * 300)
    assert "shorten it" in capsys.readouterr().err
    assert conversation.input == "un chat"
    conversation.take("Translate.")
    assert conversation.input == ""


@pytest.mark.parametrize("message", ["a" + 1_000_000 * " " + "b", 300_000 * "\udce9"])
def test_a_message_beyond_all_measure_is_refused(message, made, capsys):
    weights, _ = made
    Conversation([find_speaker(str(weights), "alpaca", "gpt2", "cpu")], 3, GREEDY).take(message)
    assert "too many for the model; shorten it" in capsys.readouterr().err


def test_bytes_that_are_no_text_end_nothing(made, monkeypatch):
    weights, _ = made
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8:strict")
    process = start("chat.py", weights, "--max_new_tokens", 3, "--device", "cpu", stdin=PIPE)
    process.stdin.buffer.write(b"Translate caf\xe9.\n")
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "tokens/s" in err


def test_ctrl_c_stops_an_answer_and_not_the_conversation(made):
    weights, _ = made
    process = start("chat.py", weights, "--max_new_tokens", 1_000_000, "--device", "cpu", stdin=PIPE)
    process.stdin.write("Go on.\n")
    process.stdin.flush()
    process.stdout.read(30)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate("/help\n", timeout=120)
    assert process.returncode == 0, err
    assert "tokens/s, stopped)" in err
    assert "/bye" in err


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (["nowhere"], UserError, "nowhere: not found; name a run's"),
        (["hf:x"], UserError, "no name of a model"),
        (["nowhere.pth"], UserError, "nowhere.pth: not found"),
        (["gpt2-tiny", "--top_k", "0"], UsageError, "--top_k: 0 is less than 1"),
    ],
)
def test_who_is_not_there_is_said(arguments, error, message):
    with pytest.raises(error, match=message):
        main(arguments)
