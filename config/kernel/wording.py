"""A marker for sentences in modules that know no Django: collected for translation, translated at the edge."""


def _(sentence: str) -> str:
    """The sentence itself; whoever shows it calls gettext on it."""
    return sentence
