import CAllocationCount
import Glibc

/// Seconds of a clock that only goes forward.
func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Seconds of processor time that this thread has used: what else runs on the machine does not count.
func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// What one piece of work cost.
struct Cost {
    /// Shortest processor time of all rounds, in seconds.
    var seconds = Double.infinity
    /// Calls of the allocator in the round with the fewest.
    var allocations = UInt.max

    /// Does the work once and keeps what is better than before.
    mutating func measure(_ work: () -> Void) {
        let before = allocation_count(), start = processorTime()
        work()
        seconds = min(seconds, processorTime() - start)
        allocations = min(allocations, allocation_count() - before)
    }
}

/// Keeps the optimizer from leaving out what made `value`, and costs a call and no copy.
@_optimize(none)
func use<Value>(_ value: borrowing Value) {}

/// The same pseudo random numbers in every run.
struct Dice: RandomNumberGenerator {
    private var state: UInt64 = 0x9e37_79b9_7f4a_7c15

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

/// The middle one of some numbers.
func median(_ values: [Double]) -> Double {
    values.isEmpty ? .nan : values.sorted()[values.count / 2]
}
