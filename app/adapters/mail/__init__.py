"""Mails: written from templates, sent by SMTP."""
