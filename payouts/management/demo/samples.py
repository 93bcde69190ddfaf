"""Sample files for the demo's papers: pages that look like what they stand for, and say that they are none."""

import io
from collections.abc import Sequence
from datetime import datetime

from fpdf import FPDF
from PIL import Image, ImageDraw, ImageFont
from pylopdf_fonts_zh_cn import sans_path

from claims.enums import JUDGING, MaterialKind, State
from claims.models import Claim, Material, PaperFile
from config.kernel import files
from config.kernel.clock import database_now
from config.kernel.models import StoredFile

CASES = 30
"""How many cases, of those that reviewers work on, have files."""
READ_BY_EXPERTS = (State.SUSPENDED, State.APPEALING)
"""Steps in which papers are read by people from outside."""
PAGE = (620, 877)
ON_PAPER = 8
"""Every so many cases keep papers that came by post, and have no file."""
REST = ("申 请 材 料", "样例")
INK, RED, PALE = (40, 45, 55), (190, 30, 45), (150, 156, 165)

WORDS: dict[MaterialKind, tuple[Sequence[str], ...]] = {
    MaterialKind.DIAGNOSIS_CERTIFICATE: (
        ("诊 断 证 明 书", "某某市第一人民医院", "姓名:样例  性别:女  年龄:样例", "临床诊断:样例", "建议:定期复查"),
        ("诊断证明书 附页", "检查所见:样例", "病案室(章)", "医师:样例"),
    ),
    MaterialKind.PATHOLOGY_REPORT: (("病 理 报 告 单", "送检材料:样例", "镜下所见:样例", "病理诊断:样例"),),
    MaterialKind.IMAGING: (("影 像 检 查 报 告", "检查部位:样例", "影像表现:样例", "诊断意见:样例"),),
}


def attach(*, at: datetime) -> int:
    """Put sample files to papers that have none; how many papers got one."""
    judged = list(Claim.objects.filter(state__in=JUDGING).order_by("-id")[:CASES])
    cases = [*judged, *Claim.objects.filter(state__in=READ_BY_EXPERTS)]
    bare = Material.objects.filter(claim__in=cases, kind__in=WORDS, replaced_at=None, files=None)
    papers = list(bare.select_related("claim").order_by("id"))
    PaperFile.objects.bulk_create(_sample(paper, at=at) for paper in papers)
    return len(papers)


def attach_rest(*, at: datetime) -> int:
    """Let the other papers of most cases have come as files, too: one page a case stands for all of them."""
    bare = Material.objects.filter(replaced_at=None, files=None).select_related("claim").order_by("id")
    papers = [paper for paper in bare if paper.claim_id % ON_PAPER]
    numbers = sorted({paper.claim.number for paper in papers})
    pages = {number: files.keep(_drawn((REST,), number), pages=1, at=at) for number in numbers}
    PaperFile.objects.bulk_create(
        PaperFile(material=paper, stored=pages[paper.claim.number], name="sample.png") for paper in papers
    )
    return len(papers)


def drawn(lines: tuple[str, ...], number: str) -> StoredFile:
    """One sample page, stored; the number is that of its case."""
    return files.keep(_drawn((lines,), number), pages=1, at=database_now())


def _sample(paper: Material, *, at: datetime) -> PaperFile:
    """With the number of its case on it: one file in many cases would be a signal on each of them."""
    pages = WORDS[MaterialKind(paper.kind)]
    stored = files.keep(_drawn(pages, paper.claim.number), pages=len(pages), at=at)
    return PaperFile(material=paper, stored=stored, name=_name(paper.kind))


def _name(kind: str) -> str:
    return f"{kind.replace('_', '-')}-sample.{'pdf' if len(WORDS[MaterialKind(kind)]) > 1 else 'png'}"


def _drawn(pages: tuple[Sequence[str], ...], number: str) -> bytes:
    """One page as a PNG, several as a PDF."""
    images = [_page(lines, number) for lines in pages]
    if len(images) > 1:
        document = FPDF(format="A4")
        for image in images:
            document.add_page()
            document.image(image, x=0, y=0, w=document.w, h=document.h)
        return bytes(document.output())
    out = io.BytesIO()
    images[0].save(out, "PNG")
    return out.getvalue()


def _page(lines: Sequence[str], number: str) -> Image.Image:
    large, small = (ImageFont.truetype(str(sans_path()), size) for size in (34, 22))
    image = Image.new("RGB", PAGE, "white")
    pen = ImageDraw.Draw(image)
    wide = PAGE[0]
    pen.text((wide / 2, 90), lines[0], INK, large, anchor="mm")
    for place, line in enumerate(lines[1:]):
        pen.text((80, 180 + 60 * place), line, INK, small)
        pen.line((80, 214 + 60 * place, wide - 80, 214 + 60 * place), PALE)
    pen.ellipse((400, 600, 560, 760), outline=RED, width=4)
    pen.text((480, 680), "样 例", RED, large, anchor="mm")
    pen.text((wide / 2, 795), number, PALE, small, anchor="mm")
    pen.text((wide / 2, 830), "样例文件,仅供演示,不是真实病历", PALE, small, anchor="mm")
    return image
