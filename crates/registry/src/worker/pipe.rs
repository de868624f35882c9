//! The pipes through which the sides wake each other, and learn that the other is gone. The channel is there to hand them over, since a
//! child begins with no more descriptors than there are standard streams.

use std::io::{self, ErrorKind, IoSlice, IoSliceMut, PipeReader, PipeWriter, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::cmsg_space;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
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
        // Nobody waits for a reader who has been woken often enough.
        for end in [there.as_fd(), to.as_fd()] {
            fcntl_setfl(end, fcntl_getfl(end)? | OFlags::NONBLOCK)?;
        }
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

    /// Wakes the other side.
    pub fn wake(&mut self) -> io::Result<()> {
        match self.to.write(&[0]) {
            Err(error) if error.kind() != ErrorKind::WouldBlock => Err(error),
            _ => Ok(()),
        }
    }

    /// Sleeps until it is woken.
    pub fn sleep(&mut self) -> io::Result<()> {
        match self.from.read(&mut [0; 64]) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Err(error) if error.kind() != ErrorKind::Interrupted => Err(error),
            _ => Ok(()),
        }
    }

    /// The same, but no longer than this. Says whether it was woken.
    pub fn sleep_for(&mut self, most: Duration) -> io::Result<bool> {
        let most = Timespec { tv_sec: most.as_secs() as i64, tv_nsec: most.subsec_nanos().into() };
        match poll(&mut [PollFd::new(&self.from, PollFlags::IN)], Some(&most)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => Ok(false),
            woken => woken.map_err(io::Error::from).and_then(|_| self.sleep()).map(|()| true),
        }
    }
}
