"""Who is calling: tokens of Supabase Auth, and of the development issuer."""

from app.adapters.auth.development import DevelopmentIssuer, issue_development_token
from app.adapters.auth.supabase import SupabaseAuth
from app.adapters.auth.tokens import TokenVerifier, open_verifier

__all__ = ["DevelopmentIssuer", "SupabaseAuth", "TokenVerifier", "issue_development_token", "open_verifier"]
