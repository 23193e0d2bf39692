//! Where each table lives, and which rules it keeps. A table that is not here is a finding of the lint.

/// Which rules a table keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// One company's rows: company first in every key and index, row security forced.
    Tenant,
    /// The owner's rows about a company: row security on.
    PlatformByCompany,
    /// The owner's rows about no company.
    PlatformLocal,
    /// Secrets: no grant to anybody, row security on without a policy.
    Auth,
}

use Place::{Auth, PlatformByCompany, PlatformLocal, Tenant};

pub const PLACEMENT: &[(&str, Place)] = &[
    ("auth.api_tokens", Auth),
    ("auth.company_keys", Auth),
    ("auth.credentials", Auth),
    ("auth.known_places", Auth),
    ("auth.one_time_tokens", Auth),
    ("auth.recovery_codes", Auth),
    ("auth.registrations", Auth),
    ("auth.reset_requests", Auth),
    ("auth.second_factors", Auth),
    ("auth.sign_in_policies", Auth),
    ("auth.sign_ins", Auth),
    ("auth.throttle", Auth),
    ("platform.__diesel_schema_migrations", PlatformLocal),
    ("platform.audit_entries", PlatformLocal),
    ("platform.audit_seals", PlatformLocal),
    ("platform.companies", PlatformByCompany),
    ("platform.company_key_usage", PlatformByCompany),
    ("platform.company_notes", PlatformByCompany),
    ("platform.company_overrides", PlatformByCompany),
    ("platform.company_overview", PlatformByCompany),
    ("platform.company_usage_daily", PlatformByCompany),
    ("platform.company_usage_monthly", PlatformByCompany),
    ("platform.erasures", PlatformByCompany),
    ("platform.exchange_rates", PlatformLocal),
    ("platform.expiry_reminders", PlatformByCompany),
    ("platform.idempotency_keys", PlatformLocal),
    ("platform.jobs", PlatformByCompany),
    ("platform.owners", PlatformLocal),
    ("platform.plan_prices", PlatformLocal),
    ("platform.planned_plan_changes", PlatformByCompany),
    ("platform.plans", PlatformLocal),
    ("platform.registration_terms", PlatformLocal),
    ("platform.subscriptions", PlatformByCompany),
    ("platform.system_status", PlatformLocal),
    ("tenant.access_entries", Tenant),
    ("tenant.activity_log", Tenant),
    ("tenant.application_usage", Tenant),
    ("tenant.audit_entries", Tenant),
    ("tenant.audit_seals", Tenant),
    ("tenant.audit_unsealed", Tenant),
    ("tenant.company_settings", Tenant),
    ("tenant.company_time_zones", Tenant),
    ("tenant.company_usage", Tenant),
    ("tenant.devices", Tenant),
    ("tenant.exports", Tenant),
    ("tenant.idempotency_keys", Tenant),
    ("tenant.ingest_batches", Tenant),
    ("tenant.invitations", Tenant),
    ("tenant.removals", Tenant),
    ("tenant.screenshots", Tenant),
    ("tenant.tasks", Tenant),
    ("tenant.teams", Tenant),
    ("tenant.user_app_usage_daily", Tenant),
    ("tenant.user_host_usage_daily", Tenant),
    ("tenant.user_usage_daily", Tenant),
    ("tenant.users", Tenant),
    ("tenant.website_usage", Tenant),
    ("tenant.work_session_changes", Tenant),
    ("tenant.work_sessions", Tenant),
];
