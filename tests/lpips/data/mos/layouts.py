"""Tiny sets of scores in the published layouts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.io import savemat


def write_image(path: Path, level: int = 0, side: int = 16) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    smooth = np.linspace(40, 200, side)[:, None, None] + np.zeros((side, side, 3))
    pixels = np.clip(smooth + level * 8 * rng.normal(size=smooth.shape), 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(path)


def kadid10k(root: Path) -> None:
    lines = ["dist_img,ref_img,dmos,var"]
    for image in ("I01", "I02"):
        write_image(root / "images" / f"{image}.png")
        for kind in ("01", "10"):
            for level in (1, 2, 3):
                name = f"{image}_{kind}_0{level}.png"
                write_image(root / "images" / name, level)
                lines.append(f"{name},{image}.png,{5 - level:.2f},0.5")
    (root / "dmos.csv").write_text("\n".join(lines) + "\n")


def tid2013(root: Path) -> None:
    lines = []
    for image in ("I01", "I02"):
        write_image(root / "reference_images" / f"{image}.BMP")
        for kind in ("01", "10"):
            for level in (1, 2, 3):
                write_image(root / "distorted_images" / f"{image.lower()}_{kind}_{level}.bmp", level)
                lines.append(f"{6 - level:.5f} {image}_{kind}_{level}.bmp")
    (root / "mos_with_names.txt").write_text("\r\n".join(lines) + "\r\n")


def csiq(root: Path) -> None:
    lines = [",,,,,", "image,dst_idx,dst_type,dst_lev,dmos_std,dmos"]
    for image in ("1600", "aerial_city"):
        write_image(root / "src_imgs" / f"{image}.png")
        for number, (kind, folder, token) in enumerate(
            (("noise", "awgn", "AWGN"), ("jpeg 2000", "jpeg2000", "jpeg2000"))
        ):
            for level in (1, 2, 3):
                write_image(root / "dst_imgs" / folder / f"{image}.{token}.{level}.png", level)
                lines.append(f"{image},{number + 1},{kind},{level},0.05,0.{level}")
    (root / "csiq_dmos.csv").write_text("\n".join(lines))


def live(root: Path) -> None:
    folders = {"jp2k": 227, "jpeg": 233, "wn": 174, "gblur": 174, "fastfading": 174}
    scores, copies, names = np.zeros((1, 982)), np.ones((1, 982), np.uint8), np.full((1, 982), "bikes.bmp", object)
    for image in ("bikes.bmp", "buildings.bmp"):
        write_image(root / "refimgs" / image)
    start = 0
    for folder, count in folders.items():
        for k in (0, 1, count - 1):
            write_image(root / folder / f"img{k + 1}.bmp", k % 3 + 1)
            scores[0, start + k], copies[0, start + k] = 20.0 * (k % 3 + 1), 0
            names[0, start + k] = "buildings.bmp" if k == 1 else "bikes.bmp"
        start += count
    savemat(root / "dmos_realigned.mat", {"dmos_new": scores, "dmos_std": scores, "orgs": copies})
    savemat(root / "refnames_all.mat", {"refnames_all": names})


def pipal(root: Path) -> None:
    for image in ("A0001", "A0002"):
        write_image(root / "Train_Ref" / f"{image}.bmp")
        lines = []
        for group in (0, 3):
            for k in (0, 1, 2):
                name = f"{image}_0{group}_0{k}.bmp"
                write_image(root / "Train_Dist" / name, k + 1)
                lines.append(f"{name},{1500.5 - 100 * k}")
        label = root / "Train_Label" / f"{image}.txt"
        label.parent.mkdir(exist_ok=True)
        label.write_text("\n".join(lines) + "\n")


def table(root: Path) -> None:
    lines = ["reference,distorted,score,type,level,remark"]
    for image in ("a", "b"):
        write_image(root / "refs" / f"{image}.png")
        for kind in ("noise", "more noise"):
            for level in (1, 2, 3):
                write_image(root / kind / f"{image}{level}.png", level)
                lines.append(f"refs/{image}.png, {kind}/{image}{level}.png,{-level},{kind},{level},x")
    (root / "scores.csv").write_text("﻿" + "\n".join(lines), encoding="utf-8")


LAYOUTS: dict[str, Callable[[Path], None]] = {
    "KADID-10k": kadid10k,
    "TID2013": tid2013,
    "CSIQ": csiq,
    "LIVE": live,
    "PIPAL": pipal,
    "table": table,
}
