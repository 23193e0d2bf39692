DROP FUNCTION platform.cancel_own_company(uuid, uuid, text, text);
