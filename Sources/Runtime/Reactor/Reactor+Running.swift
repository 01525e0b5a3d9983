internal import CSystemShims
internal import Glibc

extension Reactor {
    /// Runs until ``stop()``; a reactor on virtual time also ends when nothing is left to happen.
    public func run() {
        runLoop { self.isStopping }
        isStopping = false
    }

    /// Runs the reactor on this thread until `body` has finished, and gives its result.
    ///
    /// `body` and the async functions it calls run on the reactor.
    public func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
        let outcome = Outcome<Value>()
        let host = ReactorHost(reactor: self)
        Task(executorPreference: self) {
            do {
                outcome.result = .success(try await host.perform(body))
            } catch {
                outcome.result = .failure(error)
            }
            self.stop()
        }
        runLoop { outcome.result != nil || self.isStopping }
        isStopping = false
        guard let result = outcome.result else { throw CancellationError() }
        return try result.get()
    }

    /// Lets virtual time pass: everything due within `duration` happens.
    public func advance(by duration: Duration) {
        precondition(isVirtual)
        let end = virtualNow + duration.nanosecondsClamped
        let timer = schedule(after: duration) {}
        runLoop { self.virtualNow >= end && self.ready.isEmpty }
        cancel(timer)
    }

    /// Starts a thread of its own for this reactor. The thread ends with ``stop()``.
    public func start(named name: String) {
        let box = Unmanaged.passRetained(ThreadStart(reactor: self, name: name))
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, { argument in
            guard let argument else { return nil }
            let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
            flux_set_thread_name(start.name)
            start.reactor.run()
            return nil
        }, box.toOpaque())
        precondition(code == 0, "pthread_create: \(SystemError.text(of: code))")
        pthread_detach(thread)
    }

    private func runLoop(until isDone: () -> Bool) {
        let previous = flux_current_reactor()
        flux_set_current_reactor(Unmanaged.passUnretained(self).toOpaque())
        defer { flux_set_current_reactor(previous) }
        while !isDone() {
            takeInbox()
            runReady()
            if isDone() { return }
            if isVirtual {
                guard advanceToNextTimer() else {
                    if ready.isEmpty { return }
                    continue
                }
            } else {
                sleepOnce()
            }
            while let body = timers.popDue(at: now) {
                body()
                if isDone() { return }
                if isVirtual { runReady() }
            }
        }
    }

    private func takeInbox() {
        guard !isVirtual else { return }
        pthread_mutex_lock(lock)
        let work = inbox
        inbox.removeAll(keepingCapacity: true)
        pthread_mutex_unlock(lock)
        for item in work { ready.append(item) }
    }

    /// Runs what is waiting now; what it adds waits for the next round, so that descriptors are not starved.
    private func runReady() {
        var budget = ready.count
        while budget > 0, let work = ready.popFirst() {
            budget -= 1
            switch work {
            case .job(let job):
                job.runSynchronously(
                    isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
            case .body(let body): body()
            }
        }
    }

    private func advanceToNextTimer() -> Bool {
        guard ready.isEmpty, let deadline = timers.nextDeadline else { return false }
        virtualNow = max(virtualNow, deadline)
        return true
    }

    private func sleepOnce() {
        var hasMore = !ready.isEmpty
        for hook in prepareHooks where hook.body() { hasMore = true }
        if !ready.isEmpty { hasMore = true }

        var timeout: Int64 = -1
        if hasMore {
            timeout = 0
        } else if let deadline = timers.nextDeadline {
            timeout = Int64(clamping: max(0, deadline - now))
        }
        if timeout != 0 {
            pthread_mutex_lock(lock)
            if inbox.isEmpty { isAwake = false } else { timeout = 0 }
            pthread_mutex_unlock(lock)
        }
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 64) { events in
            let count = flux_epoll_wait(epoll, events.baseAddress, 64, timeout)
            if timeout != 0 {
                pthread_mutex_lock(lock)
                isAwake = true
                pthread_mutex_unlock(lock)
            }
            for index in 0..<max(0, Int(count)) { dispatch(events[index]) }
        }
    }

    private func dispatch(_ event: epoll_event) {
        let token = event.data.u64
        if token == Self.wakeupToken {
            var count: UInt64 = 0
            _ = read(wakeup, &count, 8)
            return
        }
        let descriptor = Int(UInt32(truncatingIfNeeded: token))
        guard descriptor < watches.count, let watch = watches[descriptor],
            watch.generation == UInt32(truncatingIfNeeded: token >> 32)
        else { return }
        watch.body(Readiness(rawValue: event.events))
    }
}

/// Where the result of ``Reactor/run(_:)`` waits; touched on the reactor's thread only.
private final class Outcome<Value: Sendable>: @unchecked Sendable {
    var result: Result<Value, any Error>?
}

private final class ThreadStart {
    let reactor: Reactor
    let name: String

    init(reactor: Reactor, name: String) {
        self.reactor = reactor
        self.name = name
    }
}

/// An actor without state, whose only use is to give code that has no actor a place on a reactor.
public actor ReactorHost {
    public nonisolated let reactor: Reactor
    public nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    public init(reactor: Reactor) { self.reactor = reactor }

    /// Runs `body` on the reactor.
    public func perform<Value: Sendable>(_ body: @Sendable () async throws -> Value) async rethrows -> Value {
        try await body()
    }
}
