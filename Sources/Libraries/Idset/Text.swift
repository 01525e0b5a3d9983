internal import Glibc
internal import RFC22Idset

// Text to idset and back.

/// Longest list of single ids that is written, in members; ranges have no limit.
private let listLimit = 1 << 27

@_cdecl("idset_encode")
public func idset_encode(_ pointer: UnsafeRawPointer?, _ flags: Int32) -> UnsafeMutablePointer<CChar>? {
    guard let set = idset(pointer)?.value.members, flags & ~6 == 0 else {
        errno = EINVAL
        return nil
    }
    let format: Idset.Format = flags & 4 != 0 ? .ranges : .list
    guard format.usesRanges || set.count <= listLimit else {
        errno = ENOMEM
        return nil
    }
    return strdup(set.formatted(flags & 2 != 0 ? format.bracketed : format))
}

@_cdecl("idset_decode")
public func idset_decode(_ text: UnsafePointer<CChar>?) -> UnsafeMutableRawPointer? {
    idset_decode_ex(text, -1, 0, 1, nil)
}

@_cdecl("idset_ndecode")
public func idset_ndecode(_ text: UnsafePointer<CChar>?, _ length: UInt) -> UnsafeMutableRawPointer? {
    idset_decode_ex(text, Int(clamping: length), 0, 1, nil)
}

@_cdecl("idset_decode_ex")
public func idset_decode_ex(
    _ text: UnsafePointer<CChar>?, _ length: Int, _ size: Int, _ flags: Int32, _ error: UnsafeMutableRawPointer?
) -> UnsafeMutableRawPointer? {
    explained(text, length, error) { (members) throws(BoundedIdset.Failure) in
        var universe = size
        if size < 0 {
            universe = members.last.map { Int($0) + 1 } ?? Int(flags & 1)
            guard universe > 0 else { throw .emptyUniverse }
        }
        var set = try newIdset(size: universe, flags: flags)
        try set.formUnion(members)
        return handOut(set)
    }
}

@_cdecl("idset_decode_empty")
public func idset_decode_empty(_ text: UnsafePointer<CChar>?, _ length: Int) -> Bool {
    explained(text, length, nil) { (members) throws(BoundedIdset.Failure) in members.isEmpty } ?? false
}

@_cdecl("idset_decode_info")
public func idset_decode_info(
    _ text: UnsafePointer<CChar>?, _ length: Int, _ count: UnsafeMutablePointer<UInt>?,
    _ maximum: UnsafeMutablePointer<UInt32>?, _ error: UnsafeMutableRawPointer?
) -> Int32 {
    let result = explained(text, length, error) { (members) throws(BoundedIdset.Failure) in members }
    guard let members = result else { return -1 }
    count?.pointee = UInt(members.count)
    maximum?.pointee = members.last ?? invalidID
    return 0
}

@_cdecl("idset_decode_add")
public func idset_decode_add(
    _ pointer: UnsafeMutableRawPointer?, _ text: UnsafePointer<CChar>?, _ length: Int, _ error: UnsafeMutableRawPointer?
) -> Int32 {
    let done: Void? = explained(text, length, error) { (members) throws(BoundedIdset.Failure) in
        try idset(pointer)?.value.formUnion(members)
    }
    return done == nil ? -1 : 0
}

@_cdecl("idset_decode_subtract")
public func idset_decode_subtract(
    _ pointer: UnsafeMutableRawPointer?, _ text: UnsafePointer<CChar>?, _ length: Int, _ error: UnsafeMutableRawPointer?
) -> Int32 {
    let done: Void? = explained(text, length, error) { (members) throws(BoundedIdset.Failure) in
        try idset(pointer)?.value.subtract(members)
    }
    return done == nil ? -1 : 0
}

/// Reads `length` bytes of a C text, or those before its NUL when they are fewer or `length` is less than 0, and goes
/// on with the set. A refusal sets errno and puts its message into the caller's `idset_error_t`.
private func explained<Value>(
    _ text: UnsafePointer<CChar>?, _ length: Int, _ error: UnsafeMutableRawPointer?,
    _ body: (Idset) throws(BoundedIdset.Failure) -> Value
) -> Value? {
    guard let text else {
        errno = EINVAL
        write("idset: no text", to: error)
        return nil
    }
    let count = length < 0 ? strlen(text) : strnlen(text, length)
    let bytes = UnsafeBufferPointer(start: UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self), count: count)
    do throws(BoundedIdset.Failure) {
        return try body(try read(bytes))
    } catch let failure {
        errno = failure.errno
        write(failure.description, to: error)
        return nil
    }
}

private func read(_ bytes: UnsafeBufferPointer<UInt8>) throws(BoundedIdset.Failure) -> Idset {
    do throws(Idset.ParseError) {
        return try Idset(parsing: bytes)
    } catch {
        throw .text(error)
    }
}

/// Writes into an `idset_error_t`: at most 160 bytes with the NUL.
private func write(_ message: String, to error: UnsafeMutableRawPointer?) {
    guard let error else { return }
    let bytes = Array(message.utf8.prefix(159)) + [0]
    bytes.withUnsafeBytes { source in
        if let start = source.baseAddress { error.copyMemory(from: start, byteCount: source.count) }
    }
}
