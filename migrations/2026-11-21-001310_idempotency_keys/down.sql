DROP TABLE platform.idempotency_keys, tenant.idempotency_keys;
