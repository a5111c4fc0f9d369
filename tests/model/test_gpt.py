"""The model is GPT-2, and its state dict is the book's."""

import pytest
import torch
from support.device import DEVICE
from support.plain import PlainGPT
from support.small_models import CONFIG, small_models
from support.transformers_peer import transformers_model

from gpt2_experiments.model.gpt import GPTModel
from gpt2_experiments.model.lora import LoRALayer, add_lora, count_trainable, merged_model
from gpt2_experiments.weights.hparams import model_config
from gpt2_experiments.weights.released import MODELS

pytestmark = pytest.mark.cuda

# with an output head of its own
PARAMETERS = {
    "gpt2-small": 163_037_184,
    "gpt2-medium": 406_286_336,
    "gpt2-large": 838_359_040,
    "gpt2-xl": 1_638_022_400,
}


def test_logits_equal_transformers():
    model, _ = small_models()
    tokens = torch.randint(CONFIG["vocab_size"], (3, 40), generator=torch.Generator().manual_seed(1)).to(DEVICE)
    with torch.no_grad():
        torch.testing.assert_close(model(tokens), transformers_model(model)(tokens).logits, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", PARAMETERS)
def test_released_sizes_have_their_number_of_parameters(name):
    with torch.device("meta"):
        model = GPTModel(model_config(MODELS[name].hparams))
    assert sum(parameter.numel() for parameter in model.parameters()) == PARAMETERS[name]


def test_lora_on_gpt2_medium_trains_7_898_384_parameters(capsys):
    with torch.device("meta"):
        model = GPTModel(model_config(MODELS["gpt2-medium"].hparams))
        add_lora(model, rank=16, alpha=16)
    assert count_trainable(model) == 7_898_384
    assert capsys.readouterr().out == (
        "Total trainable parameters before: 406,286,336\n"
        "Total trainable parameters after: 0\n"
        "Total trainable LoRA parameters: 7,898,384\n"
    )


def test_the_embeddings_gradient_has_the_same_bits_each_time():
    """On two threads and with tokens that occur often: how sums are split would show in their last bits."""
    generator = torch.Generator().manual_seed(1)
    model = GPTModel(CONFIG)
    tokens = torch.randint(10, (4000,), generator=generator)
    gradient = torch.randn(4000, CONFIG["emb_dim"], generator=generator)
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        expected = torch.zeros_like(model.tok_emb.weight).index_add_(0, tokens, gradient)
        gradients = [torch.autograd.grad(model.tok_emb(tokens), model.tok_emb.weight, gradient)[0] for _ in range(20)]
    finally:
        torch.set_num_threads(threads)
    assert all(torch.equal(taken, expected) for taken in gradients)


def test_state_dict_loads_strictly_into_the_books_model():
    model = GPTModel(CONFIG)
    book = PlainGPT(CONFIG)
    assert book.load_state_dict(model.state_dict(), strict=True)
    mask = model.state_dict()["trf_blocks.1.att.mask"]
    assert torch.equal(mask, torch.ones(48, 48).triu(1))
    assert mask.data_ptr() == model.state_dict()["trf_blocks.0.att.mask"].data_ptr()


def test_lora_changes_nothing_until_it_is_trained():
    model, _ = small_models()
    tokens = torch.arange(20, device=DEVICE).unsqueeze(0)
    before = model(tokens)
    add_lora(model, rank=4, alpha=4)
    model.to(DEVICE)
    torch.testing.assert_close(model(tokens), before)


def test_lora_layer_is_alpha_times_the_product_without_division_by_the_rank():
    layer = LoRALayer(6, 5, rank=3, alpha=7)
    torch.nn.init.normal_(layer.B)
    x = torch.randn(4, 6)
    torch.testing.assert_close(layer(x), 7 * (x @ layer.A @ layer.B))


def test_merged_lora_model_computes_the_same_and_leaves_the_original_alone():
    model, _ = small_models(lora=True)
    tokens = torch.arange(30, device=DEVICE).unsqueeze(0)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    merged = merged_model(model, torch.float32)
    torch.testing.assert_close(merged(tokens), model(tokens), rtol=1e-4, atol=1e-4)
    assert merged.tok_emb.weight.data_ptr() == model.tok_emb.weight.data_ptr()
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
