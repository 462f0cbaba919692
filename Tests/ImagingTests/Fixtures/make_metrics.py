"""PSNR and SSIM of pairs of pictures by scikit-image: pairs/aK.npy and pairs/bK.npy, metrics.json.

Gaussian window, sigma 1.5, population covariance, data_range 1.  python make_metrics.py
"""
import json
import os

import numpy as np
from skimage.metrics import peak_signal_noise_ratio as psnr
from skimage.metrics import structural_similarity as ssim

OUT = os.path.dirname(os.path.abspath(__file__))
GAUSS = dict(data_range=1.0, gaussian_weights=True, sigma=1.5, use_sample_covariance=False)
rng = np.random.default_rng(11)
os.makedirs(f"{OUT}/pairs", exist_ok=True)
table = []
for k, (h, w, c) in enumerate([(64, 64, 1), (37, 53, 1), (40, 48, 3), (11, 11, 1), (128, 96, 3)]):
    y, x = np.mgrid[:h, :w]
    a = 0.5 + 0.4 * np.sin(x[..., None] / (5 + np.arange(c)) + y[..., None] / 9.0)
    b = np.clip(a + rng.normal(0, 0.02 * (k + 1), a.shape), 0, 1)
    a, b = a.astype(np.float32), b.astype(np.float32)
    np.save(f"{OUT}/pairs/a{k}.npy", a)
    np.save(f"{OUT}/pairs/b{k}.npy", b)
    a, b = a.astype(float), b.astype(float)
    channels = [(a[..., i], b[..., i]) for i in range(c)]
    table.append(dict(
        pair=k, shape=[h, w, c], psnr=float(psnr(a, b, data_range=1)),
        ssim=float(np.mean([ssim(p, q, **GAUSS) for p, q in channels]))))
json.dump(table, open(f"{OUT}/metrics.json", "w"), indent=1)
print(*table, sep="\n")
