//! A line to the server that fails as it is told: requests or their answers are lost, doubled, come late, wait, or are
//! answered by something in between. One request a connection, one after the other, as an agent sends them.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use serde_json::json;

/// No test waits longer for something that never comes.
const PATIENCE: Duration = Duration::from_secs(60);

/// What becomes of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Passes,
    /// It never arrives.
    CutBefore,
    /// It arrives, and its answer does not.
    CutAfter,
    /// It arrives twice at the same time.
    Twice,
    /// Its sender sees it lost; it arrives with [`Line::deliver`].
    Late,
    /// It arrives, and its answer waits for [`Line::release`].
    Held,
    /// The server's own words, without having been asked.
    Refused(u16, &'static str),
    /// A page of something before the server.
    Page(u16),
}

pub struct Line {
    pub url: String,
    inner: Arc<Inner>,
}

struct Inner {
    server: String,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    fates: VecDeque<Fate>,
    late: Vec<Vec<u8>>,
    holds: bool,
    requests: usize,
    troubled: usize,
}

impl Line {
    /// Serves until the test's process ends.
    pub fn to(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let inner = Arc::new(Inner {
            server: server.trim_start_matches("http://").to_owned(),
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let own = inner.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                own.serve(stream.unwrap());
            }
        });
        Self { url, inner }
    }

    /// What becomes of the next requests, in their order; those after them pass.
    pub fn fail(&self, fates: impl IntoIterator<Item = Fate>) {
        self.inner.state.lock().unwrap().fates = fates.into_iter().collect();
    }

    pub fn repair(&self) {
        self.fail([]);
    }

    /// What was late arrives now, and nobody hears the answers.
    pub fn deliver(&self) {
        let late = std::mem::take(&mut self.inner.state.lock().unwrap().late);
        for request in late {
            self.inner.ask(&request);
        }
    }

    /// Whether an answer is held back, as soon as that is known: `is_over` says that there will be none.
    pub fn holds(&self, is_over: impl Fn() -> bool) -> bool {
        let mut state = self.inner.state.lock().unwrap();
        while !state.holds && !is_over() {
            let again = Duration::from_millis(2);
            (state, _) = self.inner.changed.wait_timeout(state, again).unwrap();
        }
        state.holds
    }

    pub fn release(&self) {
        self.inner.state.lock().unwrap().holds = false;
        self.inner.changed.notify_all();
    }

    /// How many requests were sent, and how many of them did not simply pass.
    pub fn requests(&self) -> (usize, usize) {
        let state = self.inner.state.lock().unwrap();
        (state.requests, state.troubled)
    }
}

impl Inner {
    fn serve(&self, mut stream: TcpStream) {
        let Some(request) = read(&mut stream) else {
            return;
        };
        let fate = {
            let mut state = self.state.lock().unwrap();
            state.requests += 1;
            let fate = state.fates.pop_front().unwrap_or(Fate::Passes);
            state.troubled += usize::from(fate != Fate::Passes);
            fate
        };
        let answer = match fate {
            Fate::Passes => self.ask(&request),
            Fate::CutBefore => return,
            Fate::CutAfter => {
                self.ask(&request);
                return;
            }
            Fate::Twice => std::thread::scope(|both| {
                let twin = both.spawn(|| self.ask(&request));
                self.ask(&request);
                twin.join().unwrap()
            }),
            Fate::Late => {
                self.state.lock().unwrap().late.push(request);
                return;
            }
            Fate::Held => {
                let answer = self.ask(&request);
                self.hold();
                answer
            }
            Fate::Refused(status, code) => {
                let body = json!({ "type": "about:blank", "title": code, "status": status, "detail": code, "code": code, "request_id": "r" });
                answer(status, "application/problem+json", &body.to_string())
            }
            Fate::Page(status) => answer(
                status,
                "text/html",
                "<h1>Sign in to the network of this hotel</h1>",
            ),
        };
        // Whoever asked may be gone.
        stream.write_all(&answer).ok();
    }

    fn hold(&self) {
        let mut state = self.state.lock().unwrap();
        state.holds = true;
        self.changed.notify_all();
        let waited = self
            .changed
            .wait_timeout_while(state, PATIENCE, |state| state.holds)
            .unwrap();
        assert!(!waited.1.timed_out(), "an answer was never released");
    }

    fn ask(&self, request: &[u8]) -> Vec<u8> {
        let mut server = TcpStream::connect(&self.server).unwrap();
        server.set_read_timeout(Some(PATIENCE)).unwrap();
        server.write_all(request).unwrap();
        let mut answer = Vec::new();
        server.read_to_end(&mut answer).unwrap();
        answer
    }
}

fn answer(status: u16, media: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} x\r\ncontent-type: {media}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}").into_bytes()
}

/// One request whole, made to be the only one of its connection.
fn read(stream: &mut TcpStream) -> Option<Vec<u8>> {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let (mut bytes, mut part) = (Vec::new(), [0; 16_384]);
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        match stream.read(&mut part) {
            Ok(length) if length > 0 => bytes.extend_from_slice(&part[..length]),
            _ => return None,
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.parse::<usize>().unwrap())
    });
    let whole = end + 4 + length.unwrap_or(0);
    while bytes.len() < whole {
        match stream.read(&mut part) {
            Ok(length) if length > 0 => bytes.extend_from_slice(&part[..length]),
            _ => return None,
        }
    }
    let mut request = format!("{head}\r\nconnection: close\r\n\r\n").into_bytes();
    request.extend_from_slice(&bytes[end + 4..]);
    Some(request)
}
