"""Writes the npy and npz files that NpyTest and NpzTest read, with NumPy: python3 numpy-cases.py

Element i of every array of NAME is VALUES[NAME] of the tests: i - 3 where the type has a sign, i else.
"""
import io
import warnings
import zipfile
import numpy as np

warnings.simplefilter("ignore")
arrays = {}
for kind in "b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8".split():
    values = np.arange(12) - (3 if kind[0] in "if" else 0)
    for order in "<>":
        for layout in "CF":
            array = np.asarray(values.reshape(2, 3, 2), dtype=order + kind, order=layout)
            arrays[f"{kind}-{'little' if order == '<' else 'big'}-{layout}"] = array
arrays["scalar"] = np.float32(2.5)
arrays["empty"] = np.zeros((0, 3), np.float32)
arrays["extremes-i8"] = np.array([-(2**63), 2**63 - 1], ">i8")
arrays["extremes-u8"] = np.array([0, 2**64 - 1], "<u8")
arrays["extremes-f4"] = np.array([np.nan, np.inf, -np.inf, 1e-45, 3.4028235e38], "<f4")
np.savez("stored.npz", **arrays)
np.savez_compressed("deflated.npz", **arrays)
with zipfile.ZipFile("versions.npz", "w") as out:
    for version in (1, 2, 3):
        file = io.BytesIO()
        np.lib.format.write_array(file, np.arange(5, dtype="<i4"), (version, 0))
        info = zipfile.ZipInfo(f"version{version}.npy", (1980, 1, 1, 0, 0, 0))
        out.writestr(info, file.getvalue())
np.savez("unsupported.npz", text=np.array(["a", "b"]), complex=np.zeros(2, "c8"),
         record=np.zeros(2, [("a", "i4"), ("b", "f4")]))
