DROP FUNCTION platform.distribute(text, text), tenant.current_company(), tenant.current_user_id();
