//! The tables as diesel sees them, printed from the catalogue by a test; never edited by hand.

pub mod platform {
    diesel::table! {
        platform.audit_entries (id) {
            id -> Uuid,
            at -> Timestamptz,
            actor_id -> Uuid,
            actor -> Text,
            action -> Text,
            company_id -> Uuid,
            detail -> Jsonb,
            request_id -> Nullable<Text>,
            address -> Nullable<Text>,
        }
    }
    diesel::table! {
        platform.audit_seals (no) {
            no -> BigInt,
            entry_id -> Uuid,
            hash -> Binary,
            sealed_at -> Timestamptz,
        }
    }
    diesel::table! {
        platform.companies (id) {
            id -> Uuid,
            name -> Text,
            slug -> Text,
            status -> Text,
            plan_id -> Uuid,
            admin_email -> Text,
            time_zone -> Text,
            currency -> Text,
            display_name -> Nullable<Text>,
            colour -> Nullable<Text>,
            logo_key -> Nullable<Text>,
            trial_ends_at -> Nullable<Timestamptz>,
            expires_at -> Nullable<Timestamptz>,
            suspended_reason -> Nullable<Text>,
            cancelled_at -> Nullable<Timestamptz>,
            created_at -> Timestamptz,
            updated_at -> Timestamptz,
            period -> Text,
            search_text -> Text,
            search_trigrams -> Array<Text>,
        }
    }
    diesel::table! {
        platform.company_key_usage (company_id, key_id) {
            company_id -> Uuid,
            key_id -> Uuid,
            devices -> Integer,
            last_used_at -> Nullable<Timestamptz>,
        }
    }
    diesel::table! {
        platform.company_notes (company_id, id) {
            company_id -> Uuid,
            id -> Uuid,
            author_id -> Uuid,
            author -> Text,
            text -> Text,
            created_at -> Timestamptz,
        }
    }
    diesel::table! {
        platform.company_overrides (company_id) {
            company_id -> Uuid,
            max_employees -> Nullable<Integer>,
            max_storage_gb -> Nullable<Integer>,
            retention_days -> Nullable<Integer>,
            history_days -> Nullable<Integer>,
            screenshots -> Nullable<Bool>,
            api_access -> Nullable<Bool>,
            webhooks -> Nullable<Bool>,
            exports -> Nullable<Bool>,
            reason -> Text,
            changed_by -> Text,
            version -> Integer,
            updated_at -> Timestamptz,
        }
    }
    diesel::table! {
        platform.company_overview (company_id) {
            company_id -> Uuid,
            employees_active -> Integer,
            storage_bytes -> BigInt,
            active_seconds_30d -> BigInt,
            sessions_30d -> BigInt,
            screenshots_30d -> BigInt,
            devices -> Integer,
            last_sync_at -> Nullable<Timestamptz>,
            updated_at -> Timestamptz,
            active_seconds_previous_30d -> BigInt,
            summed_on -> Nullable<Date>,
        }
    }
    diesel::table! {
        platform.company_usage_daily (company_id, day) {
            company_id -> Uuid,
            day -> Date,
            active_employees -> Integer,
            sessions -> Integer,
            active_seconds -> BigInt,
            screenshots -> Integer,
            storage_bytes -> BigInt,
            events -> BigInt,
            updated_at -> Timestamptz,
        }
    }
    diesel::table! {
        platform.company_usage_monthly (company_id, month) {
            company_id -> Uuid,
            month -> Date,
            active_seconds -> BigInt,
            active_employees -> Integer,
        }
    }
    diesel::table! {
        platform.erasures (company_id) {
            company_id -> Uuid,
            name -> Text,
            cancelled_at -> Timestamptz,
            started_at -> Timestamptz,
            tables -> Jsonb,
            objects -> Nullable<BigInt>,
            object_bytes -> Nullable<BigInt>,
            erased_at -> Nullable<Timestamptz>,
            certificate -> Nullable<Text>,
            sha256 -> Nullable<Binary>,
        }
    }
    diesel::table! {
        platform.exchange_rates (id) {
            id -> Uuid,
            from_currency -> Text,
            to_currency -> Text,
            rate_e10 -> BigInt,
            valid_from -> Date,
            changed_by -> Text,
            version -> Integer,
            created_at -> Timestamptz,
            updated_at -> Timestamptz,
        }
    }
    diesel::table! {
        platform.expiry_reminders (company_id, ends_at, days) {
            company_id -> Uuid,
            ends_at -> Timestamptz,
            days -> Integer,
            created_at -> Timestamptz,
        }
    }
    diesel::table! {
        platform.idempotency_keys (owner_id, route, key) {
            owner_id -> Uuid,
            route -> Text,
            key -> Text,
            request_mac -> Binary,
            status -> Integer,
            location -> Text,
            body -> Text,
            created_at -> Timestamptz,
        }
    }
    diesel::table! {
        platform.jobs (id) {
            id -> Uuid,
            company_id -> Uuid,
            kind -> Text,
            payload -> Jsonb,
            dedupe_key -> Text,
            state -> Text,
            attempts -> Integer,
            run_at -> Timestamptz,
            locked_until -> Nullable<Timestamptz>,
            finished_at -> Nullable<Timestamptz>,
            error -> Nullable<Text>,
            created_at -> Timestamptz,
        }
    }
    diesel::table! {
        platform.owners (id) {
            id -> Uuid,
            email -> Text,
            name -> Text,
            created_at -> Timestamptz,
        }
    }
    diesel::table! {
        platform.plan_prices (plan_id, currency, period) {
            plan_id -> Uuid,
            currency -> Text,
            period -> Text,
            price_minor -> BigInt,
        }
    }
    diesel::table! {
        platform.planned_plan_changes (company_id) {
            company_id -> Uuid,
            plan_id -> Uuid,
            period -> Text,
            currency -> Text,
            price_minor -> BigInt,
            effective_at -> Timestamptz,
            reason -> Nullable<Text>,
            planned_by -> Text,
            planned_at -> Timestamptz,
        }
    }
    diesel::table! {
        platform.plans (id) {
            id -> Uuid,
            name -> Text,
            max_employees -> Integer,
            max_storage_gb -> Integer,
            retention_days -> Integer,
            created_at -> Timestamptz,
            history_days -> Integer,
            version -> Integer,
            archived_at -> Nullable<Timestamptz>,
            updated_at -> Timestamptz,
            screenshots -> Bool,
            api_access -> Bool,
            webhooks -> Bool,
            exports -> Bool,
        }
    }
    diesel::table! {
        platform.registration_terms (id) {
            id -> Bool,
            is_open -> Bool,
            plan_id -> Uuid,
            currency -> Text,
            trial_days -> Integer,
            version -> Integer,
            updated_at -> Timestamptz,
        }
    }
    diesel::table! {
        platform.subscriptions (company_id, id) {
            company_id -> Uuid,
            id -> Uuid,
            event -> Text,
            plan_id -> Uuid,
            price_minor -> BigInt,
            currency -> Text,
            status -> Text,
            starts_at -> Timestamptz,
            actor_id -> Uuid,
            actor -> Text,
            reason -> Nullable<Text>,
            period -> Text,
        }
    }
    diesel::table! {
        platform.system_status (id) {
            id -> Bool,
            database_bytes -> BigInt,
            partitions -> Jsonb,
            agents -> Jsonb,
            findings -> Jsonb,
            counted_at -> Timestamptz,
        }
    }

    diesel::allow_tables_to_appear_in_same_query!(
        audit_entries,
        audit_seals,
        companies,
        company_key_usage,
        company_notes,
        company_overrides,
        company_overview,
        company_usage_daily,
        company_usage_monthly,
        erasures,
        exchange_rates,
        expiry_reminders,
        idempotency_keys,
        jobs,
        owners,
        plan_prices,
        planned_plan_changes,
        plans,
        registration_terms,
        subscriptions,
        system_status
    );
}

pub mod tenant {
    diesel::table! {
        tenant.access_entries (company_id, subject_id, at, viewer_id, kind, day, item_id) {
            company_id -> Uuid,
            subject_id -> Uuid,
            viewer_id -> Uuid,
            at -> Timestamptz,
            kind -> Text,
            day -> Date,
            viewer_name -> Text,
            reason -> Nullable<Text>,
            item_id -> Uuid,
            taken_at -> Nullable<Timestamptz>,
            note -> Nullable<Text>,
            id -> Uuid,
        }
    }
    diesel::table! {
        tenant.activity_log (company_id, user_id, started_at, id) {
            company_id -> Uuid,
            user_id -> Uuid,
            started_at -> Timestamptz,
            id -> Uuid,
            session_id -> Uuid,
            keystrokes -> Integer,
            mouse_events -> Integer,
            active_seconds -> SmallInt,
            idle_seconds -> SmallInt,
            received_at -> Timestamptz,
        }
    }
    diesel::table! {
        tenant.alert_rules (company_id, id) {
            company_id -> Uuid,
            id -> Uuid,
            kind -> Text,
            threshold -> Integer,
            least_minutes -> Nullable<Integer>,
            team_id -> Nullable<Uuid>,
            user_id -> Nullable<Uuid>,
            enabled -> Bool,
            enabled_at -> Timestamptz,
            evaluated_at -> Nullable<Timestamptz>,
            version -> Integer,
            created_by -> Uuid,
            created_at -> Timestamptz,
            updated_at -> Timestamptz,
        }
    }
    diesel::table! {
        tenant.alerts (company_id, id) {
            company_id -> Uuid,
            id -> Uuid,
            rule_id -> Nullable<Uuid>,
            kind -> Text,
            threshold -> Integer,
            user_id -> Nullable<Uuid>,
            device_id -> Nullable<Uuid>,
            problem -> Nullable<Text>,
            day -> Date,
            event_key -> Text,
            value -> BigInt,
            opened_at -> Timestamptz,
            resolved_at -> Nullable<Timestamptz>,
            acknowledged_by -> Nullable<Uuid>,
            acknowledged_at -> Nullable<Timestamptz>,
            note -> Nullable<Text>,
        }
    }
    diesel::table! {
        tenant.app_usage_daily (company_id, day, app) {
            company_id -> Uuid,
            day -> Date,
            app -> Text,
            seconds -> BigInt,
        }
    }
    diesel::table! {
        tenant.application_usage (company_id, user_id, started_at, id) {
            company_id -> Uuid,
            user_id -> Uuid,
            started_at -> Timestamptz,
            id -> Uuid,
            session_id -> Uuid,
            app -> Text,
            title -> Text,
            seconds -> Integer,
            received_at -> Timestamptz,
        }
    }
    diesel::table! {
        tenant.audit_entries (company_id, id) {
            company_id -> Uuid,
            id -> Uuid,
            at -> Timestamptz,
            actor_id -> Uuid,
            actor -> Text,
            action -> Text,
            detail -> Jsonb,
            request_id -> Nullable<Text>,
            address -> Nullable<Text>,
        }
    }
    diesel::table! {
        tenant.audit_seals (company_id, no) {
            company_id -> Uuid,
            no -> BigInt,
            kind -> Text,
            entry_id -> Uuid,
            subject_id -> Nullable<Uuid>,
            digest -> Binary,
            hash -> Binary,
            sealed_at -> Timestamptz,
        }
    }
    diesel::table! {
        tenant.audit_unsealed (company_id, kind, entry_id) {
            company_id -> Uuid,
            kind -> Text,
            entry_id -> Uuid,
            noted_at -> Timestamptz,
        }
    }
    diesel::table! {
        tenant.company_branding (company_id) {
            company_id -> Uuid,
            version -> Integer,
            name -> Nullable<Text>,
            accent -> Nullable<Text>,
            logo -> Nullable<Binary>,
            logo_version -> Nullable<Integer>,
            logo_width -> Nullable<Integer>,
            logo_height -> Nullable<Integer>,
            logo_on_dark -> Nullable<Bool>,
            updated_at -> Timestamptz,
        }
    }
    diesel::table! {
        tenant.company_settings (company_id) {
            company_id -> Uuid,
            version -> Integer,
            screenshots_enabled -> Bool,
            screenshot_interval_seconds -> Integer,
            blur_screenshots -> Bool,
            idle_threshold_seconds -> Integer,
            tracking_days -> Array<SmallInt>,
            tracking_from -> Time,
            tracking_to -> Time,
            record_titles -> Bool,
            record_paths -> Bool,
            redaction_rules -> Array<Text>,
            employees_may_delete_screenshots -> Bool,
            screenshot_retention_days -> Integer,
            usage_retention_days -> Integer,
            week_start -> SmallInt,
            updated_at -> Timestamptz,
            screenshots_kept_from -> Nullable<Date>,
            usage_kept_from -> Nullable<Date>,
            seen_at -> Nullable<Timestamptz>,
            originals_shown -> Bool,
            rules_version -> Integer,
            reclassified_people -> Integer,
            manual_time_allowed -> Bool,
            manual_time_approval -> Bool,
            leads_see -> Text,
            overrides_version -> Integer,
            overrides_changed_at -> Nullable<Timestamptz>,
            retention_shortened_at -> Nullable<Timestamptz>,
        }
    }
    diesel::table! {
        tenant.company_time_zones (company_id, valid_from) {
            company_id -> Uuid,
            valid_from -> Date,
            zone -> Text,
        }
    }
    diesel::table! {
        tenant.company_usage (company_id) {
            company_id -> Uuid,
            seats_used -> Integer,
            storage_bytes -> BigInt,
        }
    }
    diesel::table! {
        tenant.devices (company_id, id) {
            company_id -> Uuid,
            id -> Uuid,
            user_id -> Uuid,
            name -> Text,
            os -> Text,
            agent_version -> Text,
            limitations -> Array<Text>,
            key_id -> Uuid,
            created_at -> Timestamptz,
            last_seen_at -> Timestamptz,
            revoked_at -> Nullable<Timestamptz>,
            last_synced_at -> Nullable<Timestamptz>,
            queued_items -> Nullable<Integer>,
            queued_screenshots -> Nullable<Integer>,
            dead_letters -> Nullable<Integer>,
            oldest_queued_at -> Nullable<Timestamptz>,
        }
    }
    diesel::table! {
        tenant.disputes (company_id, id) {
            company_id -> Uuid,
            id -> Uuid,
            user_id -> Uuid,
            kind -> Text,
            started_at -> Nullable<Timestamptz>,
            ended_at -> Nullable<Timestamptz>,
            app -> Nullable<Text>,
            host -> Nullable<Text>,
            label -> Nullable<Text>,
            reason -> Text,
            state -> Text,
            created_at -> Timestamptz,
            withdrawn_at -> Nullable<Timestamptz>,
            answer -> Nullable<Text>,
            answered_at -> Nullable<Timestamptz>,
            answered_by -> Nullable<Uuid>,
            answered_by_name -> Nullable<Text>,
        }
    }
    diesel::table! {
        tenant.exports (company_id, id) {
            company_id -> Uuid,
            id -> Uuid,
            requested_by -> Uuid,
            state -> Text,
            items -> BigInt,
            items_done -> BigInt,
            object_key -> Nullable<Text>,
            bytes -> Nullable<BigInt>,
            created_at -> Timestamptz,
            finished_at -> Nullable<Timestamptz>,
            expires_at -> Nullable<Timestamptz>,
        }
    }
    diesel::table! {
        tenant.host_usage_daily (company_id, day, host) {
            company_id -> Uuid,
            day -> Date,
            host -> Text,
            seconds -> BigInt,
        }
    }
    diesel::table! {
        tenant.idempotency_keys (company_id, actor_id, route, key) {
            company_id -> Uuid,
            actor_id -> Uuid,
            route -> Text,
            key -> Text,
            request_mac -> Binary,
            status -> Integer,
            location -> Text,
            body -> Text,
            created_at -> Timestamptz,
        }
    }
    diesel::table! {
        tenant.ingest_batches (company_id, device_id, batch_id) {
            company_id -> Uuid,
            device_id -> Uuid,
            batch_id -> Uuid,
            user_id -> Uuid,
            body_hash -> Binary,
            items -> Integer,
            first_day -> Date,
            last_day -> Date,
            received_at -> Timestamptz,
            rolled_up_at -> Nullable<Timestamptz>,
        }
    }
    diesel::table! {
        tenant.invitations (company_id, id) {
            company_id -> Uuid,
            id -> Uuid,
            email -> Text,
            name -> Nullable<Text>,
            role -> Text,
            invited_by -> Uuid,
            created_at -> Timestamptz,
            expires_at -> Timestamptz,
            accepted_at -> Nullable<Timestamptz>,
            revoked_at -> Nullable<Timestamptz>,
            team_id -> Nullable<Uuid>,
            mails -> Integer,
            mailed_at -> Timestamptz,
        }
    }
    diesel::table! {
        tenant.manual_times (company_id, id) {
            company_id -> Uuid,
            id -> Uuid,
            user_id -> Uuid,
            started_at -> Timestamptz,
            ended_at -> Timestamptz,
            kind -> Text,
            reason -> Text,
            task_id -> Nullable<Uuid>,
            state -> Text,
            created_at -> Timestamptz,
            created_by -> Uuid,
            created_by_name -> Text,
            decided_at -> Nullable<Timestamptz>,
            decided_by -> Nullable<Uuid>,
            decided_by_name -> Nullable<Text>,
            decision_reason -> Nullable<Text>,
        }
    }
    diesel::table! {
        tenant.monitoring_policies (company_id, version) {
            company_id -> Uuid,
            version -> Integer,
            title -> Text,
            text -> Text,
            kinds -> Array<Text>,
            published_at -> Timestamptz,
            published_by -> Uuid,
        }
    }
    diesel::table! {
        tenant.notification_preferences (company_id, user_id) {
            company_id -> Uuid,
            user_id -> Uuid,
            not_in_app -> Array<Text>,
            not_by_mail -> Array<Text>,
            digest_hour -> SmallInt,
            version -> Integer,
            updated_at -> Timestamptz,
        }
    }
    diesel::table! {
        tenant.notifications (company_id, id) {
            company_id -> Uuid,
            id -> Uuid,
            user_id -> Uuid,
            kind -> Text,
            rule_kind -> Nullable<Text>,
            amount -> Integer,
            task_id -> Nullable<Uuid>,
            in_app -> Bool,
            by_mail -> Bool,
            created_at -> Timestamptz,
            read_at -> Nullable<Timestamptz>,
            mailed_at -> Nullable<Timestamptz>,
        }
    }
    diesel::table! {
        tenant.own_exports (company_id, id) {
            company_id -> Uuid,
            id -> Uuid,
            user_id -> Uuid,
            state -> Text,
            items -> BigInt,
            items_done -> BigInt,
            object_key -> Nullable<Text>,
            bytes -> Nullable<BigInt>,
            created_at -> Timestamptz,
            finished_at -> Nullable<Timestamptz>,
            expires_at -> Nullable<Timestamptz>,
        }
    }
    diesel::table! {
        tenant.policy_acknowledgements (company_id, user_id, version) {
            company_id -> Uuid,
            user_id -> Uuid,
            version -> Integer,
            acknowledged_at -> Timestamptz,
            via -> Text,
        }
    }
    diesel::table! {
        tenant.productivity_rules (company_id, position) {
            company_id -> Uuid,
            position -> Integer,
            team_id -> Nullable<Uuid>,
            field -> Text,
            kind -> Text,
            pattern -> Text,
            category -> Text,
        }
    }
    diesel::table! {
        tenant.reclassifications (company_id, user_id) {
            company_id -> Uuid,
            user_id -> Uuid,
            before_day -> Nullable<Date>,
        }
    }
    diesel::table! {
        tenant.removals (company_id, id) {
            company_id -> Uuid,
            id -> Uuid,
            user_id -> Uuid,
            requested_by -> Uuid,
            requested_at -> Timestamptz,
            tables -> Jsonb,
            objects -> BigInt,
            removed_at -> Nullable<Timestamptz>,
        }
    }
    diesel::table! {
        tenant.report_files (company_id, id) {
            company_id -> Uuid,
            id -> Uuid,
            requested_by -> Uuid,
            name -> Text,
            report -> Jsonb,
            format -> Text,
            readers -> Array<Uuid>,
            subjects -> Array<Uuid>,
            last_day -> Nullable<Date>,
            state -> Text,
            parts -> Integer,
            parts_done -> Integer,
            object_key -> Nullable<Text>,
            bytes -> Nullable<BigInt>,
            created_at -> Timestamptz,
            finished_at -> Nullable<Timestamptz>,
            expires_at -> Nullable<Timestamptz>,
        }
    }
    diesel::table! {
        tenant.saved_reports (company_id, id) {
            company_id -> Uuid,
            id -> Uuid,
            created_by -> Uuid,
            name -> Text,
            report -> Jsonb,
            shared -> Bool,
            version -> Integer,
            created_at -> Timestamptz,
            updated_at -> Timestamptz,
            repeats -> Nullable<Text>,
            repeats_on -> Nullable<SmallInt>,
            hour -> Nullable<SmallInt>,
            format -> Nullable<Text>,
            recipients -> Nullable<Array<Uuid>>,
            next_at -> Nullable<Timestamptz>,
            last_at -> Nullable<Timestamptz>,
        }
    }
    diesel::table! {
        tenant.screenshots (company_id, id) {
            company_id -> Uuid,
            id -> Uuid,
            user_id -> Uuid,
            session_id -> Uuid,
            taken_at -> Timestamptz,
            display -> SmallInt,
            blurred -> Bool,
            state -> Text,
            object_key -> Text,
            thumbnail_key -> Text,
            bytes -> BigInt,
            width -> Integer,
            height -> Integer,
            sha256 -> Binary,
            received_at -> Timestamptz,
            deleted_at -> Nullable<Timestamptz>,
            deleted_by -> Nullable<Uuid>,
            deleted_by_name -> Nullable<Text>,
            deleted_reason -> Nullable<Text>,
        }
    }
    diesel::table! {
        tenant.setting_overrides (company_id, id) {
            company_id -> Uuid,
            id -> Uuid,
            team_id -> Nullable<Uuid>,
            user_id -> Nullable<Uuid>,
            screenshots_enabled -> Nullable<Bool>,
            screenshot_interval_seconds -> Nullable<Integer>,
            blur_screenshots -> Nullable<Bool>,
            idle_threshold_seconds -> Nullable<Integer>,
            tracking_days -> Nullable<Array<SmallInt>>,
            tracking_from -> Nullable<Time>,
            tracking_to -> Nullable<Time>,
            record_titles -> Nullable<Bool>,
            record_paths -> Nullable<Bool>,
            updated_at -> Timestamptz,
        }
    }
    diesel::table! {
        tenant.task_changes (company_id, id) {
            company_id -> Uuid,
            id -> Uuid,
            task_id -> Uuid,
            actor_id -> Uuid,
            actor_name -> Text,
            at -> Timestamptz,
            field -> Text,
            before -> Nullable<Text>,
            after -> Nullable<Text>,
        }
    }
    diesel::table! {
        tenant.task_comments (company_id, id) {
            company_id -> Uuid,
            id -> Uuid,
            task_id -> Uuid,
            author_id -> Uuid,
            author_name -> Text,
            text -> Text,
            at -> Timestamptz,
        }
    }
    diesel::table! {
        tenant.tasks (company_id, id) {
            company_id -> Uuid,
            id -> Uuid,
            title -> Text,
            description -> Text,
            assignee_id -> Nullable<Uuid>,
            created_by -> Uuid,
            status -> Text,
            priority -> Text,
            due_on -> Nullable<Date>,
            estimate_seconds -> Nullable<Integer>,
            created_at -> Timestamptz,
            updated_at -> Timestamptz,
            team_id -> Nullable<Uuid>,
            version -> Integer,
        }
    }
    diesel::table! {
        tenant.team_admins (company_id, team_id, user_id) {
            company_id -> Uuid,
            team_id -> Uuid,
            user_id -> Uuid,
            created_at -> Timestamptz,
        }
    }
    diesel::table! {
        tenant.team_leads (company_id, team_id, user_id) {
            company_id -> Uuid,
            team_id -> Uuid,
            user_id -> Uuid,
            created_at -> Timestamptz,
        }
    }
    diesel::table! {
        tenant.teams (company_id, id) {
            company_id -> Uuid,
            id -> Uuid,
            name -> Text,
            created_at -> Timestamptz,
        }
    }
    diesel::table! {
        tenant.timers (company_id, user_id) {
            company_id -> Uuid,
            user_id -> Uuid,
            task_id -> Nullable<Uuid>,
            changed_at -> Timestamptz,
            said_in -> Text,
            version -> Integer,
        }
    }
    diesel::table! {
        tenant.usage_daily (company_id, day) {
            company_id -> Uuid,
            day -> Date,
            tracked_seconds -> BigInt,
            active_seconds -> BigInt,
            idle_seconds -> BigInt,
            summed_at -> Timestamptz,
            manual_seconds -> BigInt,
            explained_seconds -> BigInt,
            tracked_by_hour -> Array<Integer>,
        }
    }
    diesel::table! {
        tenant.user_app_usage_daily (company_id, user_id, day, app) {
            company_id -> Uuid,
            user_id -> Uuid,
            day -> Date,
            app -> Text,
            seconds -> Integer,
        }
    }
    diesel::table! {
        tenant.user_app_usage_monthly (company_id, user_id, month, app) {
            company_id -> Uuid,
            user_id -> Uuid,
            month -> Date,
            app -> Text,
            seconds_until -> Array<Integer>,
        }
    }
    diesel::table! {
        tenant.user_category_usage_daily (company_id, user_id, day, category) {
            company_id -> Uuid,
            user_id -> Uuid,
            day -> Date,
            category -> Text,
            seconds -> Integer,
        }
    }
    diesel::table! {
        tenant.user_host_usage_daily (company_id, user_id, day, host) {
            company_id -> Uuid,
            user_id -> Uuid,
            day -> Date,
            host -> Text,
            seconds -> Integer,
        }
    }
    diesel::table! {
        tenant.user_host_usage_monthly (company_id, user_id, month, host) {
            company_id -> Uuid,
            user_id -> Uuid,
            month -> Date,
            host -> Text,
            seconds_until -> Array<Integer>,
        }
    }
    diesel::table! {
        tenant.user_numbers (company_id, user_id) {
            company_id -> Uuid,
            user_id -> Uuid,
            number -> Integer,
        }
    }
    diesel::table! {
        tenant.user_task_usage_daily (company_id, user_id, day, task_id) {
            company_id -> Uuid,
            user_id -> Uuid,
            day -> Date,
            task_id -> Uuid,
            tracked_seconds -> Integer,
        }
    }
    diesel::table! {
        tenant.user_usage_daily (company_id, user_id, day) {
            company_id -> Uuid,
            user_id -> Uuid,
            day -> Date,
            tracked_seconds -> Integer,
            active_seconds -> Integer,
            idle_seconds -> Integer,
            keystrokes -> Integer,
            mouse_events -> Integer,
            sessions -> Integer,
            screenshots -> Integer,
            screenshot_bytes -> BigInt,
            events -> Integer,
            first_at -> Nullable<Timestamptz>,
            last_at -> Nullable<Timestamptz>,
            computed_at -> Timestamptz,
            manual_seconds -> Integer,
            explained_seconds -> Integer,
            tracked_by_hour -> Array<SmallInt>,
        }
    }
    diesel::table! {
        tenant.user_usage_monthly (company_id, user_id, month) {
            company_id -> Uuid,
            user_id -> Uuid,
            month -> Date,
            tracked_until -> Array<Integer>,
            active_until -> Array<Integer>,
            apps_until -> Array<Integer>,
            hosts_until -> Array<Integer>,
        }
    }
    diesel::table! {
        tenant.users (company_id, id) {
            company_id -> Uuid,
            id -> Uuid,
            email -> Text,
            name -> Text,
            role -> Text,
            team_id -> Nullable<Uuid>,
            deactivated_at -> Nullable<Timestamptz>,
            created_at -> Timestamptz,
            removed_at -> Nullable<Timestamptz>,
            checklist_dismissed_at -> Nullable<Timestamptz>,
        }
    }
    diesel::table! {
        tenant.website_usage (company_id, user_id, started_at, id) {
            company_id -> Uuid,
            user_id -> Uuid,
            started_at -> Timestamptz,
            id -> Uuid,
            session_id -> Uuid,
            host -> Text,
            path -> Nullable<Text>,
            title -> Nullable<Text>,
            seconds -> Integer,
            received_at -> Timestamptz,
        }
    }
    diesel::table! {
        tenant.work_session_changes (company_id, id) {
            company_id -> Uuid,
            id -> Uuid,
            session_id -> Uuid,
            user_id -> Uuid,
            kind -> Text,
            reason -> Text,
            actor_id -> Uuid,
            actor_name -> Text,
            at -> Timestamptz,
            tracked_seconds_before -> Integer,
            tracked_seconds_after -> Integer,
            active_seconds_before -> Integer,
            active_seconds_after -> Integer,
            counted_from_before -> Nullable<Timestamptz>,
            counted_to_before -> Nullable<Timestamptz>,
            counted_from_after -> Nullable<Timestamptz>,
            counted_to_after -> Nullable<Timestamptz>,
        }
    }
    diesel::table! {
        tenant.work_sessions (company_id, id) {
            company_id -> Uuid,
            id -> Uuid,
            user_id -> Uuid,
            device_id -> Uuid,
            started_at -> Timestamptz,
            ended_at -> Nullable<Timestamptz>,
            end_reason -> Nullable<Text>,
            last_seen_at -> Timestamptz,
            received_at -> Timestamptz,
            excluded_at -> Nullable<Timestamptz>,
            task_id -> Nullable<Uuid>,
            counted_from -> Nullable<Timestamptz>,
            counted_to -> Nullable<Timestamptz>,
            deleted_at -> Nullable<Timestamptz>,
        }
    }

    diesel::allow_tables_to_appear_in_same_query!(
        access_entries,
        activity_log,
        alert_rules,
        alerts,
        app_usage_daily,
        application_usage,
        audit_entries,
        audit_seals,
        audit_unsealed,
        company_branding,
        company_settings,
        company_time_zones,
        company_usage,
        devices,
        disputes,
        exports,
        host_usage_daily,
        idempotency_keys,
        ingest_batches,
        invitations,
        manual_times,
        monitoring_policies,
        notification_preferences,
        notifications,
        own_exports,
        policy_acknowledgements,
        productivity_rules,
        reclassifications,
        removals,
        report_files,
        saved_reports,
        screenshots,
        setting_overrides,
        task_changes,
        task_comments,
        tasks,
        team_admins,
        team_leads,
        teams,
        timers,
        usage_daily,
        user_app_usage_daily,
        user_app_usage_monthly,
        user_category_usage_daily,
        user_host_usage_daily,
        user_host_usage_monthly,
        user_numbers,
        user_task_usage_daily,
        user_usage_daily,
        user_usage_monthly,
        users,
        website_usage,
        work_session_changes,
        work_sessions
    );
}
