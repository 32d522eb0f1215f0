"""The conditions that definitions name, as SQL over the rows that `prepared_rows` prepares.

The rows of `visits` have, besides the columns of the warehouse, `wait_days` (visit − assessment in whole days,
missing where either date is or where the visit precedes the assessment) and `last_day` (the last day allowed by the
limit in force, missing without one). Those of `queue` have `waited_days` and `judged_last_day`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from indicators.catalogue.limits import services_with_limit

_LIMITED = ", ".join(f"'{service}'" for service in services_with_limit())
#: A visit here is realised and a contact with the client; these narrow it further.
VISIT_CONDITIONS: Mapping[str, str] = MappingProxyType(
    {
        "non_urgent": "urgency = 'non_urgent'",
        "curative": "nature = 'curative'",
        "first_or_blank": "first_visit IS DISTINCT FROM 'no'",
        "service_with_limit": f"service IN ({_LIMITED})",
        "primary_care": "service = 'primary_care'",
        "oral_health": "service = 'oral_health'",
        "adult_psychiatry": "service = 'adult_psychiatry'",
        "substance_rehabilitation": "service = 'substance_services'",
        "opioid_substitution": "service = 'opioid_substitution'",
        "child_health_clinic": "service = 'child_health_clinic'",
        "school_psych_nurse": "service = 'school_psych_nurse'",
        "dentist": "profession = 'dentist'",
        "all": "true",
        "with_wait": "wait_days IS NOT NULL",
        "wait_within_7_days": "wait_days <= 7",
        "wait_over_7_days": "wait_days > 7",
        "judged_by_limit": "first_visit IS NOT DISTINCT FROM 'yes' AND wait_days IS NOT NULL AND last_day IS NOT NULL",
        "within_limit": "visit_on <= last_day",
        "age_known": "age_band <> 'unknown'",
        "aged_75": "age_band = '75+'",
    }
)
#: An entry here is open on its snapshot date.
QUEUE_CONDITIONS: Mapping[str, str] = MappingProxyType(
    {
        "non_urgent": "urgency = 'non_urgent'",
        "not_non_urgent": "urgency IS DISTINCT FROM 'non_urgent'",
        "not_own_wish": "reason IS DISTINCT FROM 'own_wish'",
        "own_wish": "reason = 'own_wish'",
        "not_medical": "reason IS DISTINCT FROM 'medical'",
        "service_with_limit": f"service IN ({_LIMITED})",
        "judged_by_limit": "judged_last_day IS NOT NULL",
        "over_limit": "snapshot_on > judged_last_day",
    }
)
#: A referral or a pathway; the source gives the state of pathways, not of referrals.
REFERRAL_CONDITIONS: Mapping[str, str] = MappingProxyType(
    {
        "referral": "state_code IS NULL",
        "mental_health": "service = 'mental_health'",
        "adult_psychiatry": "service = 'adult_psychiatry'",
        "substance_services": "service IN ('substance_services', 'opioid_substitution')",
        "pathway": "state_code IS NOT NULL",
        "need_found": "need_found_on IS NOT NULL",
    }
)
#: A case of social welfare.
CASE_CONDITIONS: Mapping[str, str] = MappingProxyType(
    {
        "notification": "kind = 'notification'",
        "needs_assessment": "kind = 'needs_assessment'",
        "families": "client_group = 'families'",
        "special_support": "special_support = 'yes'",
        "over_75_or_allowance": "(over_75 OR care_allowance = 'highest')",
    }
)
#: The conditions of each dataset.
CONDITIONS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "visits": VISIT_CONDITIONS,
        "queue": QUEUE_CONDITIONS,
        "referrals": REFERRAL_CONDITIONS,
        "cases": CASE_CONDITIONS,
        "figures": {},
    }
)
#: Conditions that narrow to a service or to one kind of rows: whether a period is complete then depends on the units that
#: deliver such rows alone. That referrals are covered says nothing about pathways.
SUPPLY_CONDITIONS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "primary_care": ("service", ("primary_care",)),
        "oral_health": ("service", ("oral_health",)),
        "mental_health": ("service", ("mental_health",)),
        "adult_psychiatry": ("service", ("adult_psychiatry",)),
        "substance_rehabilitation": ("service", ("substance_services",)),
        "opioid_substitution": ("service", ("opioid_substitution",)),
        "child_health_clinic": ("service", ("child_health_clinic",)),
        "school_psych_nurse": ("service", ("school_psych_nurse",)),
        "substance_services": ("service", ("substance_services", "opioid_substitution")),
        "referral": ("kind", ("referral",)),
        "pathway": ("kind", ("pathway",)),
        "notification": ("kind", ("notification",)),
        "needs_assessment": ("kind", ("needs_assessment",)),
    }
)
