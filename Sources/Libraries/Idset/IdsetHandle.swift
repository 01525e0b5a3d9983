internal import Glibc
internal import RFC22Idset

/// What a `struct idset *` of C points to. A class because a C caller holds it by its address and changes it in place.
final class IdsetHandle {
    var value: BoundedIdset

    init(_ value: BoundedIdset) { self.value = value }
}

/// A C caller's pointer to an idset; nil when the caller passed NULL.
func idset(_ pointer: UnsafeRawPointer?) -> IdsetHandle? {
    pointer.map { Unmanaged<IdsetHandle>.fromOpaque($0).takeUnretainedValue() }
}

/// Hands a new idset to a C caller, who gives it back with `idset_destroy`.
func handOut(_ value: BoundedIdset) -> UnsafeMutableRawPointer {
    Unmanaged.passRetained(IdsetHandle(value)).toOpaque()
}

/// Runs an operation that may be refused; sets errno and gives nil when it is.
func attempt<Value>(_ body: () throws(BoundedIdset.Failure) -> Value) -> Value? {
    do throws(BoundedIdset.Failure) {
        return try body()
    } catch {
        errno = error.errno
        return nil
    }
}

extension BoundedIdset.Failure {
    /// The error number that says this in C.
    var errno: Int32 {
        switch self {
        case .invalidID, .outsideUniverse, .emptyUniverse, .notAnAllocator, .exhausted: EINVAL
        case .tooLarge: ERANGE
        case .alreadyFree: EEXIST
        case .text(let error): error.reason == .tooLarge ? ERANGE : EINVAL
        }
    }
}

/// The largest id that is none: what C callers get when there is no id.
let invalidID = UInt32.max - 1
