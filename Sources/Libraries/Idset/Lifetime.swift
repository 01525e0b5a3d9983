internal import Glibc
internal import RFC22Idset

// Making, copying and giving back idsets. The header flux/idset.h describes each function.

private let creationFlags: Int32 = 1 | 8 | 16 | 32

/// A set of the size (0: the usual one) and flags; refuses unknown flags.
func newIdset(size: Int, flags: Int32) throws(BoundedIdset.Failure) -> BoundedIdset {
    guard flags & ~creationFlags == 0 else { throw .invalidID }
    let options = BoundedIdset.Options(rawValue: UInt8(flags))
    return try BoundedIdset(size: size == 0 ? BoundedIdset.defaultSize : size, options: options)
}

@_cdecl("idset_create")
public func idset_create(_ size: UInt, _ flags: Int32) -> UnsafeMutableRawPointer? {
    attempt { () throws(BoundedIdset.Failure) in handOut(try newIdset(size: Int(clamping: size), flags: flags)) }
}

@_cdecl("idset_destroy")
public func idset_destroy(_ pointer: UnsafeMutableRawPointer?) {
    guard let pointer else { return }
    let saved = errno
    Unmanaged<IdsetHandle>.fromOpaque(pointer).release()
    errno = saved
}

@_cdecl("idset_copy")
public func idset_copy(_ pointer: UnsafeRawPointer?) -> UnsafeMutableRawPointer? {
    guard let set = idset(pointer) else {
        errno = EINVAL
        return nil
    }
    return handOut(set.value)
}

@_cdecl("idset_universe_size")
public func idset_universe_size(_ pointer: UnsafeRawPointer?) -> UInt {
    idset(pointer).map { UInt($0.value.size) } ?? 0
}
