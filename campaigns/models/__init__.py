"""When, where and for how much: placements, budget plans, messages, campaigns and what was sent."""

from campaigns.models.budgets import BudgetPlan, BudgetPlanLine, Placement
from campaigns.models.campaigns import Campaign, Delivery, MailboxMessage, Message

__all__ = ["BudgetPlan", "BudgetPlanLine", "Campaign", "Delivery", "MailboxMessage", "Message", "Placement"]
