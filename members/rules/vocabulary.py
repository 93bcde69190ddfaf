"""The words of another trade, which a mutual-aid plan does not say of itself (notice of 2016-12-26)."""

import re

_FOREIGN = re.compile(
    "保险|理赔|赔付|拒赔|赔偿|保额|投保|保费|承保|参保|被保|保单|出险|险种|免赔"
    r"|\binsur\w*|\bpremium|\bpolicyholder|\bunderwrit\w*|\breinsur\w*",
    re.IGNORECASE,
)
_ALLOWED = re.compile(
    r"互助计划不是保险|不是保险|重大疾病保险的疾病定义使用规范|[Mm]utual-aid plan is not insurance|not insurance"
)


def trade_words(text: str) -> list[str]:
    """Such words in a text, as they are written there; the two phrases that may be said count for none."""
    return _FOREIGN.findall(_ALLOWED.sub("", text))
