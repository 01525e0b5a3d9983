internal import Glibc
internal import RFC29Hostlist

/// What a `struct hostlist *` of C points to: a list, a cursor, and the name that was handed out last.
///
/// A class because a C caller holds it by its address and changes it in place.
final class HostlistHandle {
    var list: Hostlist
    /// Position of the cursor.
    private var position = 0
    /// Whether the cursor is on the host at its position; after that host was removed it is before it.
    private var isOnHost = true
    /// Name at the cursor as C has it, until the cursor moves.
    private var name: UnsafeMutablePointer<CChar>?

    init(_ list: Hostlist) { self.list = list }

    deinit { free(name) }

    /// Name at the cursor, nil at the end; it lives until the cursor moves.
    func current() -> UnsafePointer<CChar>? {
        guard isOnHost, let host = list.host(at: position) else { return nil }
        if name == nil { name = strdup(host) }
        return name.map { UnsafePointer($0) }
    }

    /// Puts the cursor on a host.
    func move(to position: Int, isOnHost: Bool = true) {
        free(name)
        name = nil
        self.position = position
        self.isOnHost = isOnHost
    }

    /// Puts the cursor on the next host, or behind the end.
    func advance() {
        if !isOnHost {
            move(to: position)
        } else if position < list.count {
            move(to: position + 1)
        }
    }

    /// Removes the host at the cursor, which is before the next one then.
    func removeCurrent() -> Bool {
        guard isOnHost, position < list.count else { return false }
        list.remove(at: position)
        move(to: position, isOnHost: false)
        return true
    }

    /// Removes hosts, once for each time they are named; the cursor stays with its host, or before the next one.
    func remove(_ hosts: Hostlist) -> Int {
        var before = list.sublist(0..<min(position, list.count))
        let removedBefore = before.remove(hosts)
        var upTo = list.sublist(0..<min(position + 1, list.count))
        let isCurrentRemoved = upTo.remove(hosts) > removedBefore
        if removedBefore > 0 || isCurrentRemoved {
            move(to: position - removedBefore, isOnHost: isOnHost && !isCurrentRemoved)
        }
        return list.remove(hosts)
    }
}

/// A C caller's pointer to a list; sets errno and gives nil when the caller passed NULL.
func hostlist(_ pointer: UnsafeRawPointer?) -> HostlistHandle? {
    guard let pointer else {
        errno = EINVAL
        return nil
    }
    return Unmanaged<HostlistHandle>.fromOpaque(pointer).takeUnretainedValue()
}

/// Hands a new list to a C caller, who gives it back with `hostlist_destroy`.
func handOut(_ list: Hostlist) -> UnsafeMutableRawPointer {
    Unmanaged.passRetained(HostlistHandle(list)).toOpaque()
}

/// The list that a C text names; sets errno and gives nil when it names none.
func read(_ text: UnsafePointer<CChar>?) -> Hostlist? {
    guard let text, let string = String(validatingCString: text) else {
        errno = EINVAL
        return nil
    }
    do throws(Hostlist.ParseError) {
        return try Hostlist(parsing: string)
    } catch {
        switch error.reason {
        case .tooLarge, .tooManyHosts: errno = ERANGE
        default: errno = EINVAL
        }
        return nil
    }
}
