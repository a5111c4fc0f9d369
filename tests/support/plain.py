"""The oracle: a plain implementation of the experiments, as the book has it.

Padded batches, all logits, an explicit mask, no cache, one response at a time. Slow on purpose and independent of the
suite's own code: nothing is imported from it. The state dict is the suite's.
"""

import math

import torch
from torch import nn
from torch.utils.data import DataLoader


class PlainLayerNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.ones(width)), nn.Parameter(torch.zeros(width))

    def forward(self, x):
        mean, var = x.mean(-1, keepdim=True), x.var(-1, keepdim=True, unbiased=False)
        return self.scale * (x - mean) / torch.sqrt(var + 1e-5) + self.shift


class PlainGELU(nn.Module):
    def forward(self, x):
        return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


class PlainAttention(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        width, self.heads = cfg["emb_dim"], cfg["n_heads"]
        self.W_query, self.W_key, self.W_value, self.out_proj = (nn.Linear(width, width) for _ in range(4))
        self.register_buffer("mask", torch.triu(torch.ones(cfg["context_length"], cfg["context_length"]), diagonal=1))

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = (
            w(x).view(batch, length, self.heads, -1).transpose(1, 2) for w in (self.W_query, self.W_key, self.W_value)
        )
        scores = (q @ k.transpose(2, 3)).masked_fill(self.mask[:length, :length].bool(), -torch.inf)
        weights = torch.softmax(scores / k.shape[-1] ** 0.5, dim=-1)
        return self.out_proj((weights @ v).transpose(1, 2).reshape(batch, length, width))


class PlainBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        width = cfg["emb_dim"]
        self.att = PlainAttention(cfg)
        self.ff = nn.Module()
        self.ff.layers = nn.Sequential(nn.Linear(width, 4 * width), PlainGELU(), nn.Linear(4 * width, width))
        self.norm1, self.norm2 = PlainLayerNorm(width), PlainLayerNorm(width)

    def forward(self, x):
        x = x + self.att(self.norm1(x))
        return x + self.ff.layers(self.norm2(x))


class PlainGPT(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.context = cfg["context_length"]
        self.tok_emb = nn.Embedding(cfg["vocab_size"], cfg["emb_dim"])
        self.pos_emb = nn.Embedding(cfg["context_length"], cfg["emb_dim"])
        self.trf_blocks = nn.Sequential(*(PlainBlock(cfg) for _ in range(cfg["n_layers"])))
        self.final_norm = PlainLayerNorm(cfg["emb_dim"])
        self.out_head = nn.Linear(cfg["emb_dim"], cfg["vocab_size"], bias=False)

    def forward(self, tokens):
        x = self.tok_emb(tokens) + self.pos_emb(torch.arange(tokens.shape[1], device=tokens.device))
        return self.out_head(self.final_norm(self.trf_blocks(x)))


class PlainLoRA(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear, self.alpha = linear, alpha
        self.lora = nn.Module()
        self.lora.A = nn.Parameter(torch.empty(linear.in_features, rank))
        nn.init.kaiming_uniform_(self.lora.A, a=math.sqrt(5))
        self.lora.B = nn.Parameter(torch.zeros(rank, linear.out_features))

    def forward(self, x):
        return self.linear(x) + self.alpha * (x @ self.lora.A @ self.lora.B)


def plain_add_lora(module, rank, alpha):
    for parameter in module.parameters():
        parameter.requires_grad = False
    for name, child in list(module.named_children()):
        if isinstance(child, nn.Linear):
            setattr(module, name, PlainLoRA(child, rank, alpha))
        else:
            plain_add_lora(child, rank, alpha)


def plain_collate(batch, end, max_length, mask_prompts):
    """`batch` holds (prompt length, token list) pairs."""
    longest = max(len(tokens) + 1 for _, tokens in batch)
    inputs, targets = [], []
    for prompt_length, tokens in batch:
        padded = torch.tensor(tokens + [end] * (longest - len(tokens)))
        target = padded[1:].clone()
        ends = torch.nonzero(target == end).flatten()
        target[ends[1:]] = -100
        if mask_prompts:
            target[: prompt_length - 1] = -100
        inputs.append(padded[:-1][:max_length])
        targets.append(target[:max_length])
    return torch.stack(inputs), torch.stack(targets)


def device_of(model):
    return next(model.parameters()).device


def plain_loss(model, inputs, targets):
    inputs, targets = inputs.to(device_of(model)), targets.to(device_of(model))
    return nn.functional.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())


@torch.no_grad()
def plain_loader_loss(model, loader, n_batches):
    losses = [plain_loss(model, *batch).item() for _, batch in zip(range(min(n_batches, len(loader))), loader)]  # noqa: B905
    return sum(losses) / len(losses)


def plain_train(model, train_loader, val_loader, seed, epochs, eval_freq, eval_iter, learning_rate=5e-5):
    """[(step, train loss, validation loss)] of the whole run."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=0.1)
    torch.manual_seed(seed)
    history, step = [], -1
    for _ in range(epochs):
        for inputs, targets in train_loader:
            optimizer.zero_grad()
            plain_loss(model, inputs, targets).backward()
            optimizer.step()
            step += 1
            if step % eval_freq == 0:
                losses = [plain_loader_loss(model, loader, eval_iter) for loader in (train_loader, val_loader)]
                history.append((step, *losses))
    return history


def plain_loader(items, batch_size, shuffle, end, max_length, mask_prompts):
    def collate(batch):
        return plain_collate(batch, end, max_length, mask_prompts)

    return DataLoader(items, batch_size, shuffle=shuffle, drop_last=shuffle, collate_fn=collate)


@torch.no_grad()
def plain_generate(model, tokens, max_new_tokens, end=None):
    """New tokens, greedily, each from a forward pass over the whole sequence (its last `context` tokens)."""
    tokens, new = list(tokens), []
    while len(new) < max_new_tokens:
        window = torch.tensor([tokens[-model.context :]], device=device_of(model))
        token = model(window)[0, -1].argmax().item()
        if token == end:
            break
        tokens.append(token)
        new.append(token)
    return new
