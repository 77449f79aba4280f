"""PyTorch on the number of threads and in the memory layout of its arguments: speaks the same lines of JSON as the other contenders."""

import json
import statistics
import sys
import time


def say(**reply):
    sys.stdout.write(json.dumps(reply, separators=(",", ":")) + "\n")
    sys.stdout.flush()


try:
    import torch
    import torch.nn.functional as F
except ImportError as error:
    say(absent=f"{error}; on Debian: apt-get install python3-torch")
    sys.exit(0)

THREADS, LAYOUT = int(sys.argv[1]), sys.argv[2]
torch.set_num_threads(THREADS)
torch.manual_seed(1)

ELEMENTWISE = {
    "copy": lambda a, b: b.copy_(a),
    "add": torch.add,
    "mul": torch.mul,
    "relu": lambda a, b: torch.relu(a),
    "sum": lambda a, b: torch.sum(a),
    "exp": lambda a, b: torch.exp(a),
    "tanh": lambda a, b: torch.tanh(a),
    "sigmoid": lambda a, b: torch.sigmoid(a),
    "gelu": lambda a, b: F.gelu(a),
    "geluTanh": lambda a, b: F.gelu(a, approximate="tanh"),
}


def gemm(work):
    n = work["size"]
    a, b = [x.t() if letter == "T" else x for x, letter in zip((torch.randn(n, n), torch.randn(n, n)), work["layout"])]
    return lambda: torch.matmul(a, b)


def elementwise(work):
    a, b = torch.rand(work["size"]) * 8 - 4, torch.rand(work["size"]) * 8 - 4
    operation = ELEMENTWISE[work["op"]]
    return lambda: operation(a, b)


def fused(work):
    rows, cols = work["rows"], work["cols"]
    x = torch.randn(rows, cols, requires_grad=True)
    g, targets = torch.randn(rows, cols), torch.arange(rows) * 7 % 10
    forward = {"softmax": lambda: F.softmax(x, -1), "gelu": lambda: F.gelu(x)}

    def step():
        x.grad = None
        if work["op"] == "crossEntropy":
            F.cross_entropy(x, targets).backward()
        else:
            forward[work["op"]]().backward(g)

    return step


def mlp(work):
    widths, batch = work["widths"], work["batch"]
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    x, y = torch.randn(batch, widths[0]), torch.arange(batch) * 7 % 10
    kind = torch.optim.SGD if work["optimizer"] == "sgd" else torch.optim.Adam
    optimizer = kind(model.parameters(), lr=1e-3)

    def step():
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(model(x), y).backward()
        optimizer.step()

    return step


def cnn(work):
    widths, batch, norm = work["widths"], work["batch"], work["batchNorm"]
    layers = []
    for inputs, outputs in zip([3, *widths], widths):
        layers += [torch.nn.Conv2d(inputs, outputs, 3, padding=1, bias=not norm), torch.nn.MaxPool2d(2)]
        layers += [torch.nn.BatchNorm2d(outputs)] if norm else []
        layers += [torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers, torch.nn.Flatten(), torch.nn.Linear(widths[2] * 16, 10))
    x, y = torch.randn(batch, 3, 32, 32), torch.arange(batch) * 7 % 10
    if LAYOUT == "channels_last":
        model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)

    def step():
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(model(x), y).backward()
        optimizer.step()

    def look():
        with torch.no_grad():
            model(x)

    model.train(work["pass"] == "step")
    return step if work["pass"] == "step" else look


class Block(torch.nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = torch.nn.LayerNorm(width), torch.nn.LayerNorm(width)
        self.qkv, self.out = torch.nn.Linear(width, 3 * width), torch.nn.Linear(width, width)
        self.up, self.down = torch.nn.Linear(width, 4 * width), torch.nn.Linear(4 * width, width)

    def forward(self, x, mask, past=None):
        B, T, C = x.shape
        q, k, v = (y.view(B, T, self.heads, C // self.heads).transpose(1, 2) for y in self.qkv(self.norm1(x)).split(C, 2))
        if past is not None:  # keys and values that were kept, and how many
            keys, values, n = past
            keys[:, :, n : n + T], values[:, :, n : n + T] = k, v
            k, v = keys[:, :, : n + T], values[:, :, : n + T]
        scores = q @ k.transpose(-2, -1) * (C // self.heads) ** -0.5
        if T > 1:
            scores = scores.masked_fill(mask[:T, :T], float("-inf"))
        y = F.softmax(scores, -1) @ v
        x = x + self.out(y.transpose(1, 2).reshape(B, T, C))
        return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))


class GPT(torch.nn.Module):
    def __init__(self, work):
        super().__init__()
        width, context = work["width"], work["context"]
        self.table, self.positions = torch.nn.Embedding(65, width), torch.nn.Embedding(context, width)
        self.blocks = torch.nn.ModuleList(Block(width, work["heads"]) for _ in range(work["layers"]))
        self.norm = torch.nn.LayerNorm(width)
        self.register_buffer("mask", torch.ones(context, context, dtype=torch.bool).triu(1))

    def forward(self, ids, past=None, n=0, last=False):
        x = self.table(ids) + self.positions.weight[n : n + ids.shape[1]]
        for i, block in enumerate(self.blocks):
            x = block(x, self.mask, past and (*past[i], n))
        return self.norm(x[:, -1:] if last else x) @ self.table.weight.t()


def gpt(work):
    model, batch, context = GPT(work), work["batch"], work["context"]
    ids = torch.arange(batch * context + 1) * 7 % 10
    x, y = ids[:-1].view(batch, context), ids[1:]
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)

    def step():
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(model(x).view(batch * context, 65), y).backward()
        optimizer.step()

    return step


def generate(work):
    model = GPT(work).eval()
    shape = (1, work["heads"], work["context"], work["width"] // work["heads"])
    past = [(torch.zeros(shape), torch.zeros(shape)) for _ in model.blocks] if work["cache"] else None

    def call():
        ids = torch.ones(1, 1, dtype=torch.long)
        with torch.no_grad():
            for n in range(200):
                logits = model(ids[:, n:], past, n, last=True) if past else model(ids, last=True)
                ids = torch.cat([ids, logits[:, -1].argmax(-1, keepdim=True)], 1)

    return call


def tiny(_):
    a, b = torch.ones(4, requires_grad=True), torch.ones(4, requires_grad=True)
    return lambda: torch.add(a, b)


PREPARE = {"gemm": gemm, "elementwise": elementwise, "fused": fused, "mlp": mlp, "cnn": cnn, "gpt": gpt, "generate": generate, "tiny": tiny}


def sample(call, repeat):
    start = time.perf_counter()
    for _ in range(repeat):
        call()
    return time.perf_counter() - start


def measure(call, repeat, milliseconds):
    """The median sample of one round; the first one finds cold caches and counts only if it fills the round."""
    first = sample(call, repeat)
    if first * 1000 > milliseconds:
        return first / repeat
    end = time.perf_counter() + milliseconds / 1000
    samples = [sample(call, repeat)]
    while time.perf_counter() < end:
        samples.append(sample(call, repeat))
    return statistics.median(samples) / repeat


say(ready=f"PyTorch {torch.__version__}, {THREADS} thread(s), {LAYOUT}")
key, call = None, None
for line in sys.stdin:
    request = json.loads(line)
    try:
        if key != request["work"]:
            key, call = request["work"], PREPARE[request["work"]["kind"]](request["work"])
        say(id=request["id"], seconds=measure(call, request["repeat"], request["milliseconds"]))
    except Exception as error:  # one piece of work that fails leaves the others alone
        say(id=request["id"], seconds=None, failure=repr(error))
