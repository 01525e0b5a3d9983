internal import Glibc

/// The symbols of errnos.
enum ErrorName {
    /// `ENOENT` for 2; nil for numbers without a symbol here.
    static func of(_ errnum: Int32) -> String? {
        let names: [Int32: String] = [
            EPERM: "EPERM", ENOENT: "ENOENT", ESRCH: "ESRCH", EINTR: "EINTR", EIO: "EIO", EBADF: "EBADF",
            ECHILD: "ECHILD", EAGAIN: "EAGAIN", ENOMEM: "ENOMEM", EACCES: "EACCES", EBUSY: "EBUSY", EEXIST: "EEXIST",
            ENODEV: "ENODEV", ENOTDIR: "ENOTDIR", EISDIR: "EISDIR", EINVAL: "EINVAL", EFBIG: "EFBIG",
            ENOSPC: "ENOSPC", EPIPE: "EPIPE", ERANGE: "ERANGE", EDEADLK: "EDEADLK", ENOSYS: "ENOSYS",
            ENOTEMPTY: "ENOTEMPTY", ELOOP: "ELOOP", ENODATA: "ENODATA", EPROTO: "EPROTO", EOVERFLOW: "EOVERFLOW",
            ENOTSUP: "ENOTSUP", EADDRINUSE: "EADDRINUSE", ECONNRESET: "ECONNRESET", ETIMEDOUT: "ETIMEDOUT",
            ECONNREFUSED: "ECONNREFUSED", EHOSTUNREACH: "EHOSTUNREACH", ECANCELED: "ECANCELED",
            ENOTRECOVERABLE: "ENOTRECOVERABLE",
        ]
        return names[errnum]
    }
}
