"""What the codes of the audit trail say to people. Each sentence follows the name of who did it."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_noop

SENTENCES = {
    "api_key.change": gettext_noop("changed the API key"),
    "api_key.create": gettext_noop("created the API key"),
    "budget.plan": gettext_noop("computed a budget plan"),
    "budget.publish": gettext_noop("put the budget plan in force"),
    "campaign.approve": gettext_noop("approved the campaign"),
    "campaign.begin": gettext_noop("sending began"),
    "campaign.cancel": gettext_noop("cancelled the campaign"),
    "campaign.create": gettext_noop("wrote the campaign"),
    "campaign.duplicate": gettext_noop("copied it from another campaign"),
    "campaign.edit": gettext_noop("changed the campaign"),
    "campaign.reject": gettext_noop("rejected the campaign"),
    "campaign.resend": gettext_noop("sent messages of unknown fate again"),
    "campaign.submit": gettext_noop("submitted the campaign for approval"),
    "campaign.withdraw": gettext_noop("took the campaign back"),
    "consent.record": gettext_noop("recorded a customer's consent"),
    "customer.erase": gettext_noop("erased a customer"),
    "customer.export": gettext_noop("exported customers"),
    "customer.remove_test_addresses": gettext_noop("removed the test addresses"),
    "customer.test_addresses": gettext_noop("gave customers test addresses"),
    "feature.add": gettext_noop("made a feature of an imported attribute"),
    "feature.retire": gettext_noop("took the feature out of use"),
    "grouping.create": gettext_noop("asked for another grouping"),
    "grouping.withdraw": gettext_noop("withdrew the grouping"),
    "generation.accept": gettext_noop("accepted the proposed groups"),
    "generation.choose_k": gettext_noop("chose the number of groups"),
    "generation.dismiss": gettext_noop("dismissed the proposed groups"),
    "import.finish": gettext_noop("imported a file"),
    "import.upload": gettext_noop("uploaded a file"),
    "job.cancel": gettext_noop("cancelled the job"),
    "job.schedule": gettext_noop("switched the schedule of the job on or off"),
    "learner.create": gettext_noop("asked for a segment learned from examples"),
    "learner.withdraw": gettext_noop("withdrew the learned segment"),
    "message.create": gettext_noop("wrote the message"),
    "message.edit": gettext_noop("changed the message"),
    "placement.archive": gettext_noop("archived the placement"),
    "placement.derive": gettext_noop("took the placement's figures from the ad reports"),
    "placement.restore": gettext_noop("brought the placement back"),
    "placement.save": gettext_noop("saved the placement"),
    "segment.archive": gettext_noop("archived the segment"),
    "prediction.export": gettext_noop("exported predictions"),
    "segment.export": gettext_noop("exported the segment's customers"),
    "segment.rename": gettext_noop("renamed the segment"),
    "segment.restore": gettext_noop("brought the segment back"),
    "segment.save_rule": gettext_noop("saved the segment's rule"),
    "shop.remove_demo": gettext_noop("emptied the demo shop"),
    "shop.rename": gettext_noop("changed the name of the shop"),
    "shop.seed_demo": gettext_noop("loaded the demo shop"),
    "staff.change": gettext_noop("changed the account"),
    "staff.create": gettext_noop("created the account"),
}
LABELS = {
    gettext_noop("demo shop")
}  # labels that the program gives; every other label is a name that somebody typed


def sentence(verb: str) -> str:
    """The verb in the reader's language; the code itself for a verb of an older version."""
    return gettext(SENTENCES[verb]) if verb in SENTENCES else verb


def label_text(label: str) -> str:
    return gettext(label) if label in LABELS else label
