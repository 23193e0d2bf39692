#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tracker::fuzzing::api_token(bytes));
