"""What the clock demands of cases. Candidates are found without locks; each case is then locked and looked at again."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest

from claims.enums import DeadlineKind, DeadlineStatus, State
from claims.gate import moving
from claims.models import Claim, Deadline, Objection
from claims.services import clocks, deciding, letters, objecting
from claims.services.approving import approve_if_over
from config.kernel import sweeping
from config.kernel.models import User
