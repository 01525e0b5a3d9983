internal import Glibc
internal import RFC22Idset

// Adding, removing and looking for ids.

/// Runs an operation that changes a set; 0, or -1 with errno set.
private func change(
    _ pointer: UnsafeMutableRawPointer?, _ body: (inout BoundedIdset) throws(BoundedIdset.Failure) -> Void
)
    -> Int32
{
    guard let set = idset(pointer) else {
        errno = EINVAL
        return -1
    }
    let done: Void? = attempt { () throws(BoundedIdset.Failure) in try body(&set.value) }
    return done == nil ? -1 : 0
}

@_cdecl("idset_set")
public func idset_set(_ pointer: UnsafeMutableRawPointer?, _ id: UInt32) -> Int32 {
    change(pointer) { (set) throws(BoundedIdset.Failure) in try set.insert(id) }
}

@_cdecl("idset_range_set")
public func idset_range_set(_ pointer: UnsafeMutableRawPointer?, _ low: UInt32, _ high: UInt32) -> Int32 {
    change(pointer) { (set) throws(BoundedIdset.Failure) in try set.insert(min(low, high)...max(low, high)) }
}

@_cdecl("idset_clear")
public func idset_clear(_ pointer: UnsafeMutableRawPointer?, _ id: UInt32) -> Int32 {
    change(pointer) { (set) throws(BoundedIdset.Failure) in try set.remove(id) }
}

@_cdecl("idset_range_clear")
public func idset_range_clear(_ pointer: UnsafeMutableRawPointer?, _ low: UInt32, _ high: UInt32) -> Int32 {
    change(pointer) { (set) throws(BoundedIdset.Failure) in try set.remove(min(low, high)...max(low, high)) }
}

@_cdecl("idset_test")
public func idset_test(_ pointer: UnsafeRawPointer?, _ id: UInt32) -> Bool {
    idset(pointer)?.value.members.contains(id) ?? false
}

@_cdecl("idset_first")
public func idset_first(_ pointer: UnsafeRawPointer?) -> UInt32 { idset(pointer)?.value.members.first ?? invalidID }

@_cdecl("idset_last")
public func idset_last(_ pointer: UnsafeRawPointer?) -> UInt32 { idset(pointer)?.value.members.last ?? invalidID }

@_cdecl("idset_next")
public func idset_next(_ pointer: UnsafeRawPointer?, _ id: UInt32) -> UInt32 {
    idset(pointer)?.value.members.next(after: id) ?? invalidID
}

@_cdecl("idset_prev")
public func idset_prev(_ pointer: UnsafeRawPointer?, _ id: UInt32) -> UInt32 {
    guard let set = idset(pointer)?.value, id < set.size else { return invalidID }
    return set.members.previous(before: id) ?? invalidID
}

@_cdecl("idset_count")
public func idset_count(_ pointer: UnsafeRawPointer?) -> UInt { UInt(idset(pointer)?.value.members.count ?? 0) }

@_cdecl("idset_empty")
public func idset_empty(_ pointer: UnsafeRawPointer?) -> Bool { idset(pointer)?.value.members.isEmpty ?? true }

// Handing ids out of a set that was created full.

@_cdecl("idset_alloc")
public func idset_alloc(_ pointer: UnsafeMutableRawPointer?, _ id: UnsafeMutablePointer<UInt32>?) -> Int32 {
    guard let id else {
        errno = EINVAL
        return -1
    }
    return change(pointer) { (set) throws(BoundedIdset.Failure) in id.pointee = try set.allocate() }
}

@_cdecl("idset_free")
public func idset_free(_ pointer: UnsafeMutableRawPointer?, _ id: UInt32) {
    let saved = errno
    _ = idset_free_check(pointer, id)
    errno = saved
}

@_cdecl("idset_free_check")
public func idset_free_check(_ pointer: UnsafeMutableRawPointer?, _ id: UInt32) -> Int32 {
    change(pointer) { (set) throws(BoundedIdset.Failure) in try set.free(id) }
}
