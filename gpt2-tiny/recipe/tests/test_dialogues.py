"""Sampled dialogues are those of the plain model, whatever stands beside them; a killed run keeps what it has."""

import signal

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from support.small_checkpoint import TINY
from tokenizers import ByteLevelBPETokenizer
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

import dialogues
from dialogues import (
    ASSISTANT,
    END,
    EXAMPLES,
    USER,
    SharedLead,
    Teacher,
    draw,
    fault_of,
    good_ones,
    read,
    sample,
    write,
)
from entries_apart import runs_of, runs_of_entries
from gpt2_experiments.shared.commands import StopSignals
from gpt2_experiments.shared.errors import Stopped
from pretrain_tiny import DIALOGUES_FILE


@pytest.fixture(scope="module")
def small():
    """A Llama of random weights that says the end now and then."""
    bpe = ByteLevelBPETokenizer(str(TINY / "encoder.json"), str(TINY / "vocab.bpe"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe._tokenizer)
    tokenizer.add_special_tokens({"additional_special_tokens": [END, "<|im_start|>"]})
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, initializer_range=0.5, bos_token_id=None, eos_token_id=None,
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        model.lm_head.weight[tokenizer.convert_tokens_to_ids(END)] *= 4
    return Teacher(model, tokenizer)


def test_rows_that_share_a_lead_have_the_plain_models_logits(small):
    torch.manual_seed(1)
    lead, rows = torch.randint(8000, (9,)), torch.randint(8000, (5, 6))
    kept = torch.tensor([0, 2, 3])
    with torch.inference_mode():
        decoder = SharedLead(small.model, lead, len(rows))
        for at in range(6):
            if at == 3:
                rows = rows[kept]
                decoder.keep(kept)
            decoder.step(rows[:, at])
            whole = torch.cat([lead.expand(len(rows), -1), rows[:, : at + 1]], dim=1)
            torch.testing.assert_close(decoder.logits, small.model(whole).logits[:, -1], atol=1e-4, rtol=1e-4)


def test_answers_are_the_plain_greedy_ones_and_the_seed_decides(small, monkeypatch):
    monkeypatch.setattr(Teacher, "_said", lambda _, row: (row.tokens[: row.n_asked], row.tokens[row.n_asked :]))
    found = small.dialogues(EXAMPLES[:2], 40, torch.Generator().manual_seed(3))
    assert found == small.dialogues(EXAMPLES[:2], 40, torch.Generator().manual_seed(3))
    assert found != small.dialogues(EXAMPLES[:2], 40, torch.Generator().manual_seed(4))
    assert len({len(asked) + len(answer) for asked, answer in found}) > 5
    lead = small.encode("".join(f"{USER}{asked}{ASSISTANT}{answer}{END}\n" for asked, answer in EXAMPLES[:2]) + USER)
    for asked, answer in found:
        assert asked.count(small.end) == 1
        tokens = [*lead, *asked]
        with torch.inference_mode():
            while small.end not in tokens[len(lead) + len(asked) :]:
                tokens.append(int(small.model(torch.tensor([tokens])).logits[0, -1].argmax()))
        assert tokens[len(lead) + len(asked) :] == answer


@given(st.integers(0, 1000))
def test_tokens_are_drawn_by_their_probability(seed):
    logits = torch.tensor([[0.0, -torch.inf, 1.0]]).expand(2000, -1) * dialogues.TEMPERATURE
    drawn = draw(logits, torch.Generator().manual_seed(seed))
    assert set(drawn.tolist()) == {0, 2}
    assert (drawn == 2).float().mean().item() == pytest.approx(torch.e / (1 + torch.e), abs=0.06)


def test_a_stopped_run_goes_on_after_the_last_whole_lead(small, tmp_path, monkeypatch):
    monkeypatch.setattr(dialogues, "A_LEAD", 6)
    monkeypatch.setattr(dialogues, "N_LEADS", 3)
    monkeypatch.setattr(Teacher, "load", lambda *_: small)
    whole = sample(tmp_path, tmp_path, torch.float32, StopSignals())
    (path,) = tmp_path.glob("dialogues-*.jsonl")
    written = path.read_text()
    path.unlink()
    stop = StopSignals()
    stop.received = signal.SIGTERM  # as if it came in the first lead
    with pytest.raises(Stopped, match="after 1 leads"):
        sample(tmp_path, tmp_path, torch.float32, stop)
    with path.open("a") as file:
        file.write('[["torn')
    assert sample(tmp_path, tmp_path, torch.float32, StopSignals()) == whole
    assert path.read_text() == written
    path.write_text('[["torn')
    assert sample(tmp_path, tmp_path, torch.float32, StopSignals()) == whole


CAT = "What is a cat?"
FAULTS = {
    (CAT, "An animal, a pet \u2013 so."): "not plain lines", (CAT, "One.\nTwo."): "not plain lines",
    ("What is a cat", "A cat is an animal."): "not sentences", (CAT, "a cat is here."): "not sentences",
    ("What is a butterfly.", "A butterfly is an insect."): "not sentences",
    ("What do bees make?", "They make honey."): "an example", (CAT, "I'm sorry, but I cannot."): "an evasion",
    ("Who murdered the king?", "His brother did it."): "a coarse word",
    ("Say that the cat sleeps.", "The cat sleeps."): "an answer that the question has",
    (CAT, "A big cat is a big cat is a big cat is."): "a loop",
    **dict.fromkeys([(CAT, "A cat is an animal."), ("Put into the past: He goes home", "He went home."),
                     ("What will you become?", "I shall become a baker.")], ""),
}  # fmt: skip


@pytest.mark.parametrize(("dialogue", "fault"), FAULTS.items())
def test_only_plain_whole_dialogues_of_its_own_are_kept(dialogue, fault):
    assert fault_of(*dialogue) == fault


def test_of_equal_questions_the_first_is_kept_and_faults_are_counted():
    said = [("What is a cat?", "An animal."), ("What is a CAT?", "A pet."), ("Why", "So."), ("Who is Bo?", "A dog.")]
    good, faults = good_ones(said)
    assert good == [said[0], said[3]]
    assert faults == {"asked before": 1, "not sentences": 1}


def test_a_file_tells_where_its_dialogues_come_from_and_is_the_same_each_time(tmp_path):
    said = [("What is a cat?", 'An "animal".'), ("Why do cats purr?", "They are happy."), ("Why", "So.")]
    for name in ("one.gz", "two.gz"):
        write(tmp_path / name, said, torch.float32)
    origin, good = read(tmp_path / "one.gz")
    assert good == said[:2]
    assert (origin["came to an end"], origin["kept"], origin["dropped"]) == (3, 2, {"not sentences": 1})
    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()


def test_the_folders_dialogues_are_good_ones_of_this_way_of_sampling():
    origin, kept = read(DIALOGUES_FILE)
    assert good_ones(kept) == (kept, {})
    assert (origin["leads"], origin["kept"]) == (dialogues.N_LEADS, len(kept))
    assert origin["teacher"]["version"] == dialogues.TEACHER.version


def test_the_examples_are_no_entries_and_whole():
    assert len(EXAMPLES) == len(dict(EXAMPLES)) == 48
    taken = runs_of_entries()
    assert all(runs_of(text).isdisjoint(taken) for example in EXAMPLES for text in example)
