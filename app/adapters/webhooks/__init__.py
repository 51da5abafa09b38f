"""Webhooks by the Standard Webhooks specification: where they may go, what signs them, how they are sent."""
