internal import Glibc
internal import RFC29Hostlist

// Looking at one host after the other, and looking for one.

@_cdecl("hostlist_nth")
public func hostlist_nth(_ pointer: UnsafeMutableRawPointer?, _ position: Int32) -> UnsafePointer<CChar>? {
    guard let handle = hostlist(pointer) else { return nil }
    guard position >= 0, position < handle.list.count else {
        errno = position < 0 ? EINVAL : ENOENT
        return nil
    }
    handle.move(to: Int(position))
    return handle.current()
}

@_cdecl("hostlist_first")
public func hostlist_first(_ pointer: UnsafeMutableRawPointer?) -> UnsafePointer<CChar>? {
    guard let handle = hostlist(pointer) else { return nil }
    errno = 0
    guard handle.list.count > 0 else { return nil }
    handle.move(to: 0)
    return handle.current()
}

@_cdecl("hostlist_last")
public func hostlist_last(_ pointer: UnsafeMutableRawPointer?) -> UnsafePointer<CChar>? {
    guard let handle = hostlist(pointer) else { return nil }
    errno = 0
    guard handle.list.count > 0 else { return nil }
    handle.move(to: handle.list.count - 1)
    return handle.current()
}

@_cdecl("hostlist_next")
public func hostlist_next(_ pointer: UnsafeMutableRawPointer?) -> UnsafePointer<CChar>? {
    guard let handle = hostlist(pointer) else { return nil }
    errno = 0
    handle.advance()
    return handle.current()
}

@_cdecl("hostlist_current")
public func hostlist_current(_ pointer: UnsafeMutableRawPointer?) -> UnsafePointer<CChar>? {
    hostlist(pointer)?.current()
}

@_cdecl("hostlist_remove_current")
public func hostlist_remove_current(_ pointer: UnsafeMutableRawPointer?) -> Int32 {
    guard let handle = hostlist(pointer) else { return -1 }
    return handle.removeCurrent() ? 1 : 0
}

@_cdecl("hostlist_find")
public func hostlist_find(_ pointer: UnsafeMutableRawPointer?, _ name: UnsafePointer<CChar>?) -> Int32 {
    guard let handle = hostlist(pointer), let name else {
        errno = EINVAL
        return -1
    }
    return find(String(cString: name), in: handle)
}

private func find(_ name: String, in handle: HostlistHandle) -> Int32 {
    guard let position = handle.list.firstIndex(of: name) else {
        errno = ENOENT
        return -1
    }
    handle.move(to: position)
    return Int32(clamping: position)
}

/// What a `struct hostlist_hostname *` points to: a name that is looked for in many lists. A class for the same reason
/// as ``HostlistHandle``.
private final class HostnameHandle {
    let name: String
    init(_ name: String) { self.name = name }
}

@_cdecl("hostlist_hostname_create")
public func hostlist_hostname_create(_ name: UnsafePointer<CChar>?) -> UnsafeMutableRawPointer? {
    guard let name else {
        errno = EINVAL
        return nil
    }
    return Unmanaged.passRetained(HostnameHandle(String(cString: name))).toOpaque()
}

@_cdecl("hostlist_hostname_destroy")
public func hostlist_hostname_destroy(_ pointer: UnsafeMutableRawPointer?) {
    guard let pointer else { return }
    let saved = errno
    Unmanaged<HostnameHandle>.fromOpaque(pointer).release()
    errno = saved
}

@_cdecl("hostlist_find_hostname")
public func hostlist_find_hostname(_ pointer: UnsafeMutableRawPointer?, _ name: UnsafeMutableRawPointer?) -> Int32 {
    guard let handle = hostlist(pointer), let name else {
        errno = EINVAL
        return -1
    }
    return find(Unmanaged<HostnameHandle>.fromOpaque(name).takeUnretainedValue().name, in: handle)
}
