internal import CSystemShims
internal import Glibc

/// One thread with one epoll set, one timer heap and one serial executor.
///
/// Actors that name a reactor as their executor run on its thread; calls between them never leave it. All
/// methods except ``post(_:)``, ``stop()`` and the executor's `enqueue` must be called on that thread (or before
/// the reactor runs).
///
/// A reactor made by ``virtual(startingAt:seed:)`` keeps its own time: when nothing is left to run, the clock jumps to
/// the next timer. Everything else is the same code.
///
/// Invariant behind `@unchecked Sendable`: `inbox` and `isAwake` are touched under `lock`, everything else by the
/// reactor's own thread only.
/// It is a task executor too: a task that prefers it runs on its thread also where no actor says so, so a program with
/// one reactor needs no thread pool.
public final class Reactor: SerialExecutor, TaskExecutor, @unchecked Sendable {
    /// A piece of work waiting for its turn.
    enum Work {
        case job(UnownedJob)
        case body(() -> Void)
    }

    let isVirtual: Bool

    // Owned by the reactor's thread.
    var ready = WorkQueue()
    var timers = TimerHeap()
    var virtualNow: Int64 = 0
    let virtualEpoch: Double
    var isStopping = false
    var watches: [Watch?] = []
    var watchCount = 0
    var prepareHooks: [(id: UInt64, body: () -> Bool)] = []
    var nextID: UInt64 = 1
    var random: any RandomNumberGenerator & Sendable
    let epoll: Int32
    let wakeup: Int32

    // Shared with other threads, under `lock`.
    let lock: UnsafeMutablePointer<pthread_mutex_t>
    var inbox: [Work] = []
    var isAwake = true

    /// A reactor on the machine's clock.
    ///
    /// - Throws: ``SystemError`` when the kernel gives no epoll or event descriptor.
    public convenience init() throws(SystemError) {
        let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw SystemError("epoll_create1") }
        let wakeup = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard wakeup >= 0 else {
            let error = SystemError("eventfd")
            close(epoll)
            throw error
        }
        self.init(epoll: epoll, wakeup: wakeup, virtualEpoch: 0, random: SystemRandomNumberGenerator())
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u64 = Self.wakeupToken
        guard epoll_ctl(epoll, EPOLL_CTL_ADD, wakeup, &event) == 0 else { throw SystemError("epoll_ctl") }
    }

    /// A reactor on virtual time, deterministic for a seed.
    ///
    /// - Parameter epoch: what the wall clock shows at virtual time 0, in seconds since 1970-01-01 UTC.
    public static func virtual(startingAt epoch: Double = 1_700_000_000, seed: UInt64 = 1) -> Reactor {
        Reactor(epoll: -1, wakeup: -1, virtualEpoch: epoch, random: SplitMix64(seed: seed))
    }

    private init(
        epoll: Int32, wakeup: Int32, virtualEpoch: Double, random: any RandomNumberGenerator & Sendable
    ) {
        self.epoll = epoll
        self.wakeup = wakeup
        self.isVirtual = epoll < 0
        self.virtualEpoch = virtualEpoch
        self.random = random
        self.lock = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        _ = Self.keepsGlobalJobs
    }

    /// Tasks that a reactor's thread starts or resumes stay on it, also where the runtime would use its thread pool: a
    /// continuation of a task without a preferred executor is resumed there, at the cost of two thread switches.
    private static let keepsGlobalJobs: Void = flux_keep_global_jobs { reactor, job in
        guard let reactor, let job else { return }
        let current = Unmanaged<Reactor>.fromOpaque(reactor).takeUnretainedValue()
        // An UnownedJob is the runtime's pointer to a job and nothing else.
        current.ready.append(.job(unsafeBitCast(job, to: UnownedJob.self)))
    }

    deinit {
        if epoll >= 0 { close(epoll) }
        if wakeup >= 0 { close(wakeup) }
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    // MARK: The outside that services ask for

    /// Nanoseconds of a clock that never goes back; its zero means nothing.
    public var now: Int64 {
        if isVirtual { return virtualNow }
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Seconds since 1970-01-01 UTC, with a resolution of about a microsecond.
    public var wallTime: Double {
        if isVirtual { return virtualEpoch + Double(virtualNow) / 1e9 }
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// A random number from the reactor's generator.
    public func randomNumber() -> UInt64 { random.next() }

    /// A random UUID, version 4: 36 lower-case characters.
    public func makeUUID() -> String {
        let words = [random.next(), random.next()]
        var bytes = (0..<16).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> UInt64($0 % 8 * 8)) }
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    // MARK: Executor

    public func enqueue(_ job: consuming ExecutorJob) {
        submit(.job(UnownedJob(job)))
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    public func checkIsolated() {
        precondition(isCurrent, "this actor lives on another reactor")
    }

    public func isIsolatingCurrentContext() -> Bool? { isCurrent }

    /// Whether the calling thread is running this reactor.
    public var isCurrent: Bool { flux_current_reactor() == Unmanaged.passUnretained(self).toOpaque() }

    /// Runs `body` on the reactor after what is already waiting. May be called from any thread.
    public func post(_ body: @escaping @Sendable () -> Void) { submit(.body(body)) }

    /// Runs `body` after what is already waiting. Only from the reactor's own thread.
    public func later(_ body: @escaping () -> Void) { ready.append(.body(body)) }

    /// Ends ``run()`` after the work at hand. May be called from any thread.
    public func stop() { post { self.isStopping = true } }

    private func submit(_ work: Work) {
        if isCurrent || isVirtual {
            ready.append(work)
            return
        }
        pthread_mutex_lock(lock)
        inbox.append(work)
        let mustWake = !isAwake
        isAwake = true
        pthread_mutex_unlock(lock)
        if mustWake {
            var one: UInt64 = 1
            _ = write(wakeup, &one, 8)
        }
    }
}
