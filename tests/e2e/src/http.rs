//! HTTP/1.1 as far as the tests need it: listening, with answers that go wrong on purpose, and asking.
//!
//! One thread a connection, over the loopback interface only. A listener ends when it is dropped; a caller that hangs
//! is let go then.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// A request or an answer: a first line, headers, a body.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// `POST / HTTP/1.1` or `HTTP/1.1 200 OK`.
    pub first: String,
    /// Names as they were sent.
    pub headers: Vec<(String, String)>,
    /// Without any transfer encoding.
    pub body: Vec<u8>,
    /// Of a request: the connection, from who asks to who answers.
    pub connection: Option<(SocketAddr, SocketAddr)>,
}

/// What a listener does with a request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Answers.
    Whole(Message),
    /// Announces the whole answer, sends so many bytes of its body, and closes.
    Short(Message, usize),
    /// Says nothing until the caller gives up.
    Hang,
    /// Closes without a word.
    Cut,
}

/// A listener on a free port of the loopback interface.
pub struct Listener {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Message {
    /// An answer.
    #[must_use]
    pub fn answer(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            first: format!("HTTP/1.1 {status} -"),
            headers: vec![("Content-Type".to_owned(), kind.to_owned())],
            body: body.into(),
            connection: None,
        }
    }

    /// A header, whatever its case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The second word of the first line: a request's path, an answer's status.
    #[must_use]
    pub fn target(&self) -> &str {
        self.first.split(' ').nth(1).unwrap_or_default()
    }

    /// The fields of a form, decoded, in their order.
    #[must_use]
    pub fn form(&self) -> Vec<(String, String)> {
        let body = String::from_utf8_lossy(&self.body);
        body.split('&')
            .filter(|field| !field.is_empty())
            .map(|field| {
                let (name, value) = field.split_once('=').unwrap_or((field, ""));
                (decoded(name), decoded(value))
            })
            .collect()
    }

    /// Reads one; `None` where the other side has closed.
    fn read(from: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut first = String::new();
        if from.read_line(&mut first)? == 0 {
            return Ok(None);
        }
        let mut message = Self {
            first: first.trim_end().to_owned(),
            ..Self::default()
        };
        loop {
            let mut line = String::new();
            from.read_line(&mut line)?;
            match line.trim_end().split_once(':') {
                Some((name, value)) => message
                    .headers
                    .push((name.to_owned(), value.trim().to_owned())),
                None => break,
            }
        }
        let length = message.header("content-length").map(str::parse::<usize>);
        match length {
            Some(Ok(length)) => {
                message.body.resize(length, 0);
                from.read_exact(&mut message.body)?;
            }
            _ if message.header("transfer-encoding").is_some() => {
                read_chunks(from, &mut message.body)?
            }
            _ if message.header("connection") == Some("close")
                && message.first.starts_with("HTTP") =>
            {
                from.read_to_end(&mut message.body)?;
            }
            _ => {}
        }
        message.headers.retain(|(name, _)| {
            !["content-length", "transfer-encoding", "connection"]
                .iter()
                .any(|framing| name.eq_ignore_ascii_case(framing))
        });
        Ok(Some(message))
    }

    /// Writes it, of its body only so many bytes.
    fn write(&self, to: &mut impl Write, bytes: usize) -> io::Result<()> {
        let mut text = format!("{}\r\n", self.first).into_bytes();
        for (name, value) in &self.headers {
            text.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        text.extend_from_slice(format!("Content-Length: {}\r\n\r\n", self.body.len()).as_bytes());
        text.extend_from_slice(&self.body[..bytes.min(self.body.len())]);
        to.write_all(&text)?;
        to.flush()
    }
}

/// Listens, and answers each request with what `answer` makes of it.
///
/// # Panics
/// If the loopback interface has no free port.
pub fn listen(answer: impl Fn(Message) -> Answer + Send + Sync + 'static) -> Listener {
    let listener =
        TcpListener::bind("127.0.0.1:0").expect("the loopback interface has a free port");
    let address = listener.local_addr().expect("a listener has an address");
    let ended = Arc::new(AtomicBool::new(false));
    let open = Arc::new(Mutex::new(Vec::new()));
    let answer = Arc::new(answer);
    let (told, kept) = (Arc::clone(&ended), Arc::clone(&open));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            if told.load(Ordering::SeqCst) {
                return;
            }
            let Ok(stream) = stream else { continue };
            let _ = stream.set_nodelay(true);
            if let Ok(copy) = stream.try_clone() {
                let mut open: std::sync::MutexGuard<'_, Vec<TcpStream>> =
                    kept.lock().expect("only pushed to");
                // Those whose other side has gone have no address any more.
                open.retain(|stream| stream.peer_addr().is_ok());
                open.push(copy);
            }
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || {
                let _ = converse(&stream, &*answer);
                let _ = stream.shutdown(Shutdown::Both);
            });
        }
    });
    Listener {
        address,
        ended,
        open,
    }
}

/// Sends one request and reads the answer.
///
/// # Errors
/// What the connection says.
pub fn ask(address: &str, request: &Message) -> io::Result<Message> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut request = request.clone();
    request
        .headers
        .push(("Connection".to_owned(), "close".to_owned()));
    request.write(&mut stream, usize::MAX)?;
    Message::read(&mut BufReader::new(stream))?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

fn converse(stream: &TcpStream, answer: &(impl Fn(Message) -> Answer + ?Sized)) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream.try_clone()?;
    while let Some(mut request) = Message::read(&mut reader)? {
        request.connection = stream.peer_addr().ok().zip(stream.local_addr().ok());
        match answer(request) {
            Answer::Whole(message) => message.write(&mut writer, usize::MAX)?,
            Answer::Short(message, bytes) => return message.write(&mut writer, bytes),
            Answer::Cut => return Ok(()),
            Answer::Hang => {
                // Ends when the caller closes, or when the listener is dropped.
                reader.read_to_end(&mut Vec::new())?;
                return Ok(());
            }
        }
    }
    Ok(())
}

fn read_chunks(from: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let mut line = String::new();
        from.read_line(&mut line)?;
        let length = line.trim_end().split(';').next().unwrap_or_default();
        let length = usize::from_str_radix(length, 16).map_err(io::Error::other)?;
        let start = body.len();
        body.resize(start + length, 0);
        from.read_exact(&mut body[start..])?;
        from.read_line(&mut String::new())?;
        if length == 0 {
            return Ok(());
        }
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits: Vec<u8> = rest.by_ref().take(2).collect();
                let digits = String::from_utf8_lossy(&digits).into_owned();
                bytes.push(u8::from_str_radix(&digits, 16).unwrap_or(b'?'));
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Listener {
    /// Where it listens, as `127.0.0.1:port`.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// The same as a URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for connections.
        let _ = TcpStream::connect(self.address);
        for stream in self.open.lock().expect("only pushed to").drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}
