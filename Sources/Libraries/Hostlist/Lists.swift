internal import Glibc
internal import RFC29Hostlist

// Making and changing lists. The header flux/hostlist.h describes each function.

@_cdecl("hostlist_create")
public func hostlist_create() -> UnsafeMutableRawPointer? { handOut(Hostlist()) }

@_cdecl("hostlist_destroy")
public func hostlist_destroy(_ pointer: UnsafeMutableRawPointer?) {
    guard let pointer else { return }
    let saved = errno
    Unmanaged<HostlistHandle>.fromOpaque(pointer).release()
    errno = saved
}

@_cdecl("hostlist_copy")
public func hostlist_copy(_ pointer: UnsafeRawPointer?) -> UnsafeMutableRawPointer? {
    guard let pointer else { return nil }
    return hostlist(pointer).map { handOut($0.list) }
}

@_cdecl("hostlist_decode")
public func hostlist_decode(_ text: UnsafePointer<CChar>?) -> UnsafeMutableRawPointer? { read(text).map(handOut) }

@_cdecl("hostlist_encode")
public func hostlist_encode(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<CChar>? {
    hostlist(pointer).flatMap { strdup($0.list.description) }
}

@_cdecl("hostlist_count")
public func hostlist_count(_ pointer: UnsafeMutableRawPointer?) -> Int32 {
    guard pointer != nil else { return 0 }
    return Int32(clamping: hostlist(pointer)?.list.count ?? 0)
}

@_cdecl("hostlist_append")
public func hostlist_append(_ pointer: UnsafeMutableRawPointer?, _ text: UnsafePointer<CChar>?) -> Int32 {
    guard let handle = hostlist(pointer) else { return -1 }
    guard text != nil else { return 0 }
    guard let hosts = read(text) else { return -1 }
    return append(hosts, to: handle)
}

@_cdecl("hostlist_append_list")
public func hostlist_append_list(_ pointer: UnsafeMutableRawPointer?, _ other: UnsafeMutableRawPointer?) -> Int32 {
    guard let handle = hostlist(pointer), let other = hostlist(other) else { return -1 }
    return append(other.list, to: handle)
}

private func append(_ hosts: Hostlist, to handle: HostlistHandle) -> Int32 {
    guard handle.list.count + hosts.count <= Int(Int32.max) else {
        errno = ERANGE
        return -1
    }
    handle.list.append(contentsOf: hosts)
    return Int32(hosts.count)
}

@_cdecl("hostlist_delete")
public func hostlist_delete(_ pointer: UnsafeMutableRawPointer?, _ text: UnsafePointer<CChar>?) -> Int32 {
    guard let handle = hostlist(pointer), let hosts = read(text) else { return -1 }
    return Int32(clamping: handle.remove(hosts))
}

@_cdecl("hostlist_sort")
public func hostlist_sort(_ pointer: UnsafeMutableRawPointer?) {
    guard pointer != nil else { return }
    hostlist(pointer)?.list.sort()
}

@_cdecl("hostlist_uniq")
public func hostlist_uniq(_ pointer: UnsafeMutableRawPointer?) {
    guard pointer != nil else { return }
    hostlist(pointer)?.list.sortAndRemoveDuplicates()
}
