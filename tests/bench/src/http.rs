//! HTTP/1.1 with as little of it as a measurement needs: one connection that is kept, bodies of known length.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use anyhow::{Context, ensure};

pub struct Connection {
    stream: BufReader<TcpStream>,
    request: Vec<u8>,
    line: String,
    pub body: Vec<u8>,
}

impl Connection {
    pub fn open(port: u16) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::with_capacity(64 * 1024, stream),
            request: Vec::new(),
            line: String::new(),
            body: Vec::new(),
        })
    }

    /// Sends and reads the answer whole; gives its status. `headers` end with a line break each.
    pub fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &str,
        body: &[u8],
    ) -> anyhow::Result<u16> {
        self.request.clear();
        write!(
            self.request,
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{headers}\r\n",
            body.len()
        )?;
        self.request.extend_from_slice(body);
        self.stream.get_mut().write_all(&self.request)?;
        self.answer()
    }

    fn answer(&mut self) -> anyhow::Result<u16> {
        self.next_line()?;
        let status = self
            .line
            .split(' ')
            .nth(1)
            .and_then(|text| text.parse().ok());
        let status = status.context("no answer")?;
        let mut length = None;
        loop {
            self.next_line()?;
            let line = self.line.trim_end();
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse::<usize>().ok();
            }
        }
        self.body
            .resize(length.context("an answer of unknown length")?, 0);
        self.stream.read_exact(&mut self.body)?;
        Ok(status)
    }

    fn next_line(&mut self) -> anyhow::Result<()> {
        self.line.clear();
        ensure!(
            self.stream.read_line(&mut self.line)? > 0,
            "the server closed the connection"
        );
        Ok(())
    }
}
