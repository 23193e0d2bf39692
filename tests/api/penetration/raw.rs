//! Requests that no client would send, byte for byte.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::app::App;

/// Sends the bytes and reads until the server closes or says nothing for two seconds.
pub fn send(app: &App, request: &[u8]) -> String {
    let mut stream = open(app);
    // A server that has heard enough closes before all of it is sent.
    let _ = stream.write_all(request);
    read(&mut stream)
}

pub fn open(app: &App) -> TcpStream {
    let address = app.address.trim_start_matches("http://");
    let stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(2)))
        .unwrap();
    stream
}

pub fn read(stream: &mut TcpStream) -> String {
    let (mut answer, mut chunk) = (Vec::new(), [0; 4096]);
    while let Ok(count @ 1..) = stream.read(&mut chunk) {
        answer.extend_from_slice(&chunk[..count]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// The statuses of all answers in what came back.
pub fn statuses(answer: &str) -> Vec<u16> {
    answer
        .split("HTTP/1.1 ")
        .skip(1)
        .map(|one| one[..3].parse().unwrap())
        .collect()
}

/// A request line with these headers, which ask for the connection's end.
pub fn get(app: &App, target: &str, headers: &str) -> String {
    let request =
        format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{headers}Connection: close\r\n\r\n");
    send(app, request.as_bytes())
}
