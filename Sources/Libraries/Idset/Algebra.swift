internal import Glibc
internal import RFC22Idset

// Operations on two sets. Where C allows NULL for the second, it is the empty set.

@_cdecl("idset_equal")
public func idset_equal(_ a: UnsafeRawPointer?, _ b: UnsafeRawPointer?) -> Bool {
    guard let a = idset(a), let b = idset(b) else { return false }
    return a.value.members == b.value.members
}

@_cdecl("idset_has_intersection")
public func idset_has_intersection(_ a: UnsafeRawPointer?, _ b: UnsafeRawPointer?) -> Bool {
    guard let a = idset(a), let b = idset(b) else { return false }
    return !a.value.members.isDisjoint(with: b.value.members)
}

@_cdecl("idset_union")
public func idset_union(_ a: UnsafeRawPointer?, _ b: UnsafeRawPointer?) -> UnsafeMutableRawPointer? {
    combine(a) { (first) throws(BoundedIdset.Failure) in
        var result = try BoundedIdset(size: first.size, options: .autogrow)
        try result.formUnion(first.members)
        try result.formUnion(idset(b)?.value.members ?? Idset())
        return result
    }
}

@_cdecl("idset_difference")
public func idset_difference(_ a: UnsafeRawPointer?, _ b: UnsafeRawPointer?) -> UnsafeMutableRawPointer? {
    combine(a) { (first) throws(BoundedIdset.Failure) in
        var result = first
        try result.subtract(idset(b)?.value.members ?? Idset())
        return result
    }
}

@_cdecl("idset_intersect")
public func idset_intersect(_ a: UnsafeRawPointer?, _ b: UnsafeRawPointer?) -> UnsafeMutableRawPointer? {
    guard let second = idset(b)?.value else {
        errno = EINVAL
        return nil
    }
    return combine(a) { (first) throws(BoundedIdset.Failure) in
        var result = second.members.count < first.members.count ? second : first
        try result.subtract(result.members.subtracting(first.members.intersection(second.members)))
        return result
    }
}

@_cdecl("idset_add")
public func idset_add(_ a: UnsafeMutableRawPointer?, _ b: UnsafeRawPointer?) -> Int32 {
    update(a) { (set) throws(BoundedIdset.Failure) in try set.formUnion(idset(b)?.value.members ?? Idset()) }
}

@_cdecl("idset_subtract")
public func idset_subtract(_ a: UnsafeMutableRawPointer?, _ b: UnsafeRawPointer?) -> Int32 {
    update(a) { (set) throws(BoundedIdset.Failure) in try set.subtract(idset(b)?.value.members ?? Idset()) }
}

private func combine(
    _ a: UnsafeRawPointer?, _ body: (BoundedIdset) throws(BoundedIdset.Failure) -> BoundedIdset
) -> UnsafeMutableRawPointer? {
    guard let first = idset(a)?.value else {
        errno = EINVAL
        return nil
    }
    return attempt { () throws(BoundedIdset.Failure) in handOut(try body(first)) }
}

private func update(
    _ a: UnsafeMutableRawPointer?, _ body: (inout BoundedIdset) throws(BoundedIdset.Failure) -> Void
) -> Int32 {
    guard let set = idset(a) else {
        errno = EINVAL
        return -1
    }
    var value = set.value
    guard let _: Void = attempt({ () throws(BoundedIdset.Failure) in try body(&value) }) else { return -1 }
    set.value = value
    return 0
}
