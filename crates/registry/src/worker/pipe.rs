//! The pipes that requests and replies go through: a round trip takes half as long as through a socket. The socket is there to
//! hand them over, since a child begins with no more descriptors than there are standard streams.

use std::io::{self, ErrorKind, IoSlice, IoSliceMut, PipeReader, PipeWriter, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::cmsg_space;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

/// One end of both.
#[derive(Debug)]
pub(super) struct Pipes {
    from: PipeReader,
    to: PipeWriter,
}

impl Pipes {
    /// Makes them, and gives the other end to the child behind the channel.
    pub fn open(channel: &UnixStream) -> io::Result<Pipes> {
        let ((from, there), (here, to)) = (io::pipe()?, io::pipe()?);
        let ends = [here.as_fd(), there.as_fd()];
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(2))];
        let mut gift = SendAncillaryBuffer::new(&mut space);
        if !gift.push(SendAncillaryMessage::ScmRights(&ends)) {
            return Err(ErrorKind::OutOfMemory.into());
        }
        sendmsg(channel, &[IoSlice::new(&[0])], &mut gift, SendFlags::NOSIGNAL)?;
        Ok(Pipes { from, to })
    }

    /// What the host has sent.
    pub fn take(channel: &UnixStream) -> io::Result<Pipes> {
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(2))];
        let mut gift = RecvAncillaryBuffer::new(&mut space);
        recvmsg(channel, &mut [IoSliceMut::new(&mut [0])], &mut gift, RecvFlags::CMSG_CLOEXEC)?;
        let ends: Vec<OwnedFd> = gift
            .drain()
            .flat_map(|message| match message {
                RecvAncillaryMessage::ScmRights(ends) => ends.collect(),
                _ => Vec::new(),
            })
            .collect();
        let [from, to]: [OwnedFd; 2] = ends.try_into().map_err(|_| ErrorKind::InvalidData)?;
        Ok(Pipes { from: from.into(), to: to.into() })
    }

    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.to.write_all(bytes)
    }

    /// Waits for all of the bytes.
    pub fn read(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.from.read_exact(bytes)
    }

    /// Whether there is something to read, or will be within so much time.
    fn is_ready(&self, within: Duration) -> io::Result<bool> {
        let within = Timespec { tv_sec: within.as_secs() as i64, tv_nsec: within.subsec_nanos().into() };
        match poll(&mut [PollFd::new(&self.from, PollFlags::IN)], Some(&within)) {
            Err(rustix::io::Errno::INTR) => Ok(false),
            ready => Ok(ready? > 0),
        }
    }

    /// Waits for all of the bytes, and asks after every tick whether to go on waiting.
    pub fn read_while(&mut self, bytes: &mut [u8], tick: Duration, go_on: impl Fn() -> bool) -> io::Result<()> {
        let mut filled = 0;
        while filled < bytes.len() {
            if !self.is_ready(tick)? {
                if go_on() {
                    continue;
                }
                return Err(ErrorKind::TimedOut.into());
            }
            match self.from.read(&mut bytes[filled..])? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                count => filled += count,
            }
        }
        Ok(())
    }
}
