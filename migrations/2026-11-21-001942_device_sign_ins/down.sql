DROP FUNCTION auth.end_device_sign_ins(uuid, uuid), auth.count_open_sign_ins(uuid);
