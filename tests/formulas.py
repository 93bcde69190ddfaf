"""Texts that must not become a formula on their way out of the house."""

TRIGGERS = (
    *("=1+1", "==1+1", "=cmd|'/C calc'!A0", '=HYPERLINK("http://x","y")', "=IMPORTXML(A1)", "+1+1", "+cmd", "-2+3"),
    *(
        "-cmd|' /C calc'!A0",
        "@SUM(1+1)*cmd|' /C calc'!A0",
        "@A1",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        " =1+1",
        "＝1+1",
        "＋1",
    ),
    *("－1", "＠A1", "'=1+1", "\u3000=1", "\u00a0=1", "\ufeff=1", "\u200b=1", "|calc"),
)
"""What some spreadsheet program takes for a formula, or for the beginning of one."""
