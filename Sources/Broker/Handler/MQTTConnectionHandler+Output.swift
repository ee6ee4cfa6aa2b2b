package import NIOCore

/// What goes out, and what is held back meanwhile.
extension MQTTConnectionHandler {
    package func read(context: ChannelHandlerContext) {
        if self.isReadHeld { self.hasHeldRead = true } else { context.read() }
    }

    /// No more is read from a client whose publishes wait for the disk, or that does not read its answers.
    func updateReading() {
        let holds =
            self.acknowledgements.count >= self.profile.maxPendingAcknowledgements
            || self.output.readableBytes > self.profile.maxOutputBytes || self.shard.journal.isFull
            || (self.state == .connecting && (self.unread?.readableBytes ?? 0) > self.profile.maxPacketBytes)
        if holds == self.isReadHeld { return }
        self.isReadHeld = holds
        if holds { return }
        self.consumeUnread()
        if self.hasHeldRead && !self.isReadHeld {
            self.hasHeldRead = false
            self.context?.read()
        }
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.isWritable = context.channel.isWritable
        if self.isWritable {
            self.writeOutput()
            self.updateReading()
            if let session = self.session { self.shard.pump(session) }
        }
        context.fireChannelWritabilityChanged()
    }

    /// Whether another message may be appended for the client: beyond this it waits in the session's queue.
    var hasRoom: Bool { self.output.readableBytes < (self.isWritable ? self.profile.maxOutputBytes : 64 << 10) }
    /// Whether QoS 0 messages are still taken.
    var hasRoomForQoS0: Bool { self.output.readableBytes < self.profile.maxOutputBytes }

    // MARK: Writing

    /// The end of a tick.
    func flushOutput() {
        self.isDirty = false
        self.drainAcknowledgements()
        if self.state == .closing { return self.finishClosing() }
        self.writeIfPossible()
        self.updateReading()
    }

    func writeIfPossible() { if self.isWritable { self.writeOutput() } }

    private func writeOutput() {
        guard self.output.readableBytes > 0, let context = self.context, !self.isInactive else { return }
        let buffer = self.output
        self.output = ByteBuffer()
        context.writeAndFlush(self.wrapOutboundOut(buffer), promise: nil)
        // The write can have made room and so have appended more. Otherwise the channel is usually done, and the memory is ours again.
        if self.output.readableBytes > 0 { return }
        self.output = buffer
        self.output.clear()
    }

    private func finishClosing() {
        guard let context = self.context, !self.isInactive else { return }
        if self.closeDeadline != nil { return }
        self.closeDeadline = .now() + .seconds(5)
        let bound = context.channel
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenComplete { _ in bound.close(promise: nil) }
        context.writeAndFlush(self.wrapOutboundOut(self.output), promise: promise)
        self.output = ByteBuffer()
    }
}
