"""The masked card that the members see (公示卡片): nothing on it leads back to the person."""

from typing import Any

from claims.models import Claim
from config.kernel import masks
from config.kernel.civil import age_years
from members.models import Disease


def card_of(claim: Claim) -> dict[str, Any]:
    """JSON: masked name, age, sex, region, disease, month of diagnosis, joining day, tier and amount in fen."""
    member = claim.membership.member
    disease = Disease.objects.filter(code=claim.disease).first()
    return {
        "number": claim.number,
        "name": masks.name(member.name),
        "sex": member.sex,
        "age": age_years(member.birth_date, claim.diagnosed_on),
        "region": member.region,
        "disease": claim.disease,
        "disease_name": {"zh": disease.name_zh, "en": disease.name_en} if disease else {},
        "diagnosed_in": f"{claim.diagnosed_on:%Y-%m}",
        "joined_on": claim.membership.joined_on.isoformat(),
        "tier_fen": claim.membership.tier_fen,
        "amount_fen": claim.decided_fen,
    }
