internal import CommandKit
internal import Glibc

/// The functions of libarchive that dump and restore use, found at run time: no other verb pays for loading it.
struct ArchiveLibrary: @unchecked Sendable {
    typealias Handle = OpaquePointer
    typealias Make = @convention(c) () -> Handle?
    typealias Simple = @convention(c) (Handle?) -> Int32
    typealias Open = @convention(c) (Handle?, UnsafePointer<CChar>?) -> Int32
    typealias OpenFile = @convention(c) (Handle?, UnsafePointer<CChar>?, Int) -> Int32
    typealias WriteTo = @convention(c) (Handle?, Int32) -> Int32
    typealias ReadFrom = @convention(c) (Handle?, Int32, Int) -> Int32
    typealias Text = @convention(c) (Handle?) -> UnsafePointer<CChar>?
    typealias Next = @convention(c) (Handle?, UnsafeMutablePointer<Handle?>?) -> Int32
    typealias WithEntry = @convention(c) (Handle?, Handle?) -> Int32
    typealias WriteData = @convention(c) (Handle?, UnsafeRawPointer?, Int) -> Int
    typealias ReadData = @convention(c) (Handle?, UnsafeMutableRawPointer?, Int) -> Int
    typealias SetText = @convention(c) (Handle?, UnsafePointer<CChar>?) -> Void
    typealias SetNumber = @convention(c) (Handle?, Int64) -> Void
    typealias SetMode = @convention(c) (Handle?, UInt32) -> Void
    typealias SetTime = @convention(c) (Handle?, Int, Int) -> Void
    typealias Number = @convention(c) (Handle?) -> Int64
    typealias Mode = @convention(c) (Handle?) -> UInt32
    typealias Free = @convention(c) (Handle?) -> Void

    private let library: UnsafeMutableRawPointer

    init() throws(CommandError) {
        guard let library = dlopen("libarchive.so.13", RTLD_NOW) else {
            throw CommandError("libarchive is not installed", isBare: false)
        }
        self.library = library
    }

    /// A function by its name and C type. The types above are those of `archive.h` and `archive_entry.h`.
    func function<Type>(_ name: String, _ type: Type.Type) throws(CommandError) -> Type {
        guard let symbol = dlsym(library, name) else { throw CommandError("libarchive has no function \(name)") }
        return unsafeBitCast(symbol, to: type)
    }
}

extension ArchiveLibrary {
    /// Throws the library's words for a failure.
    func check(_ handle: Handle?, _ code: Int32) throws(CommandError) {
        guard code != 0 else { return }
        let text = try function("archive_error_string", Text.self)(handle)
        throw CommandError(text.map { String(cString: $0) } ?? "libarchive failed")
    }
}

/// What is in an archive of keys.
enum ArchivedKey {
    case value([UInt8])
    case link(String)
}

/// Writes a tar archive; the name's suffix says how it is compressed.
struct ArchiveWriter: ~Copyable {
    private let library: ArchiveLibrary
    private let handle: ArchiveLibrary.Handle?

    /// - Parameter path: `-` is standard output.
    init(path: String) throws(CommandError) {
        let library = try ArchiveLibrary()
        let handle = try library.function("archive_write_new", ArchiveLibrary.Make.self)()
        if path == "-" {
            try library.check(handle, try library.function("archive_write_set_format_pax_restricted", ArchiveLibrary.Simple.self)(handle))
            try library.check(handle, try library.function("archive_write_open_fd", ArchiveLibrary.WriteTo.self)(handle, 1))
        } else {
            let setFormat = try library.function(
                "archive_write_set_format_filter_by_ext", ArchiveLibrary.Open.self)
            // A name without a suffix that it knows is a plain tar.
            if setFormat(handle, path) != 0 {
                try library.check(handle, 
                    try library.function("archive_write_set_format_pax_restricted", ArchiveLibrary.Simple.self)(handle))
            }
            try library.check(handle, try library.function("archive_write_open_filename", ArchiveLibrary.Open.self)(handle, path))
        }
        self.library = library
        self.handle = handle
    }

    func add(_ path: String, _ content: ArchivedKey, time: Double) throws(CommandError) {
        let entry = try library.function("archive_entry_new", ArchiveLibrary.Make.self)()
        try library.function("archive_entry_set_pathname", ArchiveLibrary.SetText.self)(entry, path)
        try library.function("archive_entry_set_perm", ArchiveLibrary.SetMode.self)(entry, 0o644)
        let setType = try library.function("archive_entry_set_filetype", ArchiveLibrary.SetMode.self)
        switch content {
        case .value(let bytes):
            setType(entry, S_IFREG)
            try library.function("archive_entry_set_size", ArchiveLibrary.SetNumber.self)(entry, Int64(bytes.count))
        case .link(let target):
            setType(entry, S_IFLNK)
            try library.function("archive_entry_set_symlink", ArchiveLibrary.SetText.self)(entry, target)
        }
        if time > 0 {
            try library.function("archive_entry_set_mtime", ArchiveLibrary.SetTime.self)(entry, Int(time), 0)
        }
        try library.check(handle, try library.function("archive_write_header", ArchiveLibrary.WithEntry.self)(handle, entry))
        if case .value(let bytes) = content, !bytes.isEmpty {
            let write = try library.function("archive_write_data", ArchiveLibrary.WriteData.self)
            guard bytes.withUnsafeBytes({ write(handle, $0.baseAddress, $0.count) }) == bytes.count else {
                try library.check(handle, -1)
                return
            }
        }
        try library.function("archive_entry_free", ArchiveLibrary.Free.self)(entry)
    }

    func close() throws(CommandError) {
        try library.check(handle, try library.function("archive_write_close", ArchiveLibrary.Simple.self)(handle))
    }

    deinit { _ = try? library.function("archive_write_free", ArchiveLibrary.Simple.self)(handle) }
}

/// Reads an archive in any form that libarchive knows.
struct ArchiveReader: ~Copyable {
    private let library: ArchiveLibrary
    private let handle: ArchiveLibrary.Handle?

    /// - Parameter path: `-` is standard input.
    init(path: String) throws(CommandError) {
        let library = try ArchiveLibrary()
        let handle = try library.function("archive_read_new", ArchiveLibrary.Make.self)()
        try library.check(handle, try library.function("archive_read_support_format_all", ArchiveLibrary.Simple.self)(handle))
        // Some filters are programs of their own, which is a warning.
        _ = try library.function("archive_read_support_filter_all", ArchiveLibrary.Simple.self)(handle)
        if path == "-" {
            try library.check(handle, try library.function("archive_read_open_fd", ArchiveLibrary.ReadFrom.self)(handle, 0, 10240))
        } else {
            try library.check(handle, 
                try library.function("archive_read_open_filename", ArchiveLibrary.OpenFile.self)(handle, path, 10240))
        }
        self.library = library
        self.handle = handle
    }

    deinit { _ = try? library.function("archive_read_free", ArchiveLibrary.Simple.self)(handle) }

    /// The next entry that is a file or a link, or nil at the end.
    ///
    /// - Parameter limit: contents longer than this are not read; nil has no limit.
    func next(limit: Int?) throws(CommandError) -> (path: String, content: ArchivedKey?, size: Int, time: Double)? {
        let next = try library.function("archive_read_next_header", ArchiveLibrary.Next.self)
        while true {
            var entry: ArchiveLibrary.Handle?
            let code = next(handle, &entry)
            if code == 1 { return nil }
            try library.check(handle, code)
            let name = try library.function("archive_entry_pathname", ArchiveLibrary.Text.self)(entry)
            let path = name.map { String(cString: $0) } ?? ""
            let time = Double(try library.function("archive_entry_mtime", ArchiveLibrary.Number.self)(entry))
            switch try library.function("archive_entry_filetype", ArchiveLibrary.Mode.self)(entry) & S_IFMT {
            case S_IFLNK:
                let target = try library.function("archive_entry_symlink", ArchiveLibrary.Text.self)(entry)
                return (path, .link(target.map { String(cString: $0) } ?? ""), 0, time)
            case S_IFREG:
                let size = Int(try library.function("archive_entry_size", ArchiveLibrary.Number.self)(entry))
                if let limit, size > limit { return (path, nil, size, time) }
                return (path, .value(try read(size)), size, time)
            default: continue
            }
        }
    }

    private func read(_ size: Int) throws(CommandError) -> [UInt8] {
        let read = try library.function("archive_read_data", ArchiveLibrary.ReadData.self)
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { area, count in
            while count < size {
                let part = read(handle, area.baseAddress?.advanced(by: count), size - count)
                guard part > 0 else { return }
                count += part
            }
        }
        guard bytes.count == size else { throw CommandError("short read from archive") }
        return bytes
    }
}
