"""Steps of Adam and AdamW in float64, computed with PyTorch.

Run with any PyTorch >= 2.0:  python make_adam.py > adam.json
Each case holds its options, 20 initial parameters, and for each of 6 steps the gradient and the
parameters after the step. The learning rate halves with every step.
"""
import json
import torch

CASES = {
    "adam": {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0},
    "adamw": {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.1},
    "unusual": {"betas": (0.7, 0.95), "eps": 1e-2, "weight_decay": 0.5},
}
LEARNING_RATE = 0.05


def run(seed, options):
    generator = torch.Generator().manual_seed(seed)
    # Initial numbers and gradients are exact in float32.
    start = torch.randn(20, generator=generator).double()
    gradients = torch.randn(6, 20, generator=generator) * torch.logspace(-3, 1, 20)
    parameter = start.clone().requires_grad_(True)
    optimizer = torch.optim.AdamW([parameter], lr=LEARNING_RATE, **options)
    steps = []
    for k, gradient in enumerate(gradients.double()):
        rate = LEARNING_RATE / 2**k
        optimizer.param_groups[0]["lr"] = rate
        parameter.grad = gradient.clone()
        optimizer.step()
        steps.append({
            "rate": rate,
            "gradient": gradient.tolist(),
            "parameters": parameter.detach().tolist(),
        })
    return {
        "beta1": options["betas"][0], "beta2": options["betas"][1], "epsilon": options["eps"],
        "weightDecay": options["weight_decay"], "start": start.tolist(), "steps": steps,
    }


print('{"torch": "%s", "cases": {' % torch.__version__)
for seed, (name, options) in enumerate(CASES.items()):
    case = run(seed, options)
    steps = case.pop("steps")
    print('"%s": %s, "steps": [' % (name, json.dumps(case)[:-1]))
    print(",\n".join(json.dumps(step) for step in steps))
    print("]}" + ("," if seed < len(CASES) - 1 else ""))
print("}}")
