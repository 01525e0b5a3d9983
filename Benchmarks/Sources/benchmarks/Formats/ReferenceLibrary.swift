import Glibc

/// The C libraries of a flux-core installation, opened by path, to do the same work.
struct ReferenceLibrary {
    private let handles: [UnsafeMutableRawPointer]

    /// Opens those of the libraries that are in a folder; nil when none is.
    init?(folder: String) {
        let names = ["libflux-core.so.2", "libflux-idset.so.1", "libflux-hostlist.so.1", "libflux-taskmap.so.1"]
        handles = names.compactMap { dlopen("\(folder)/\($0)", RTLD_NOW | RTLD_LOCAL) }
        if handles.isEmpty { return nil }
    }

    /// A function by its name, as the C type that the caller says it has.
    func function<Function>(_ name: String, _: Function.Type) -> Function? {
        for handle in handles {
            if let symbol = dlsym(handle, name) { return unsafeBitCast(symbol, to: Function.self) }
        }
        return nil
    }

    typealias Handle = OpaquePointer?
    typealias Text = UnsafeMutablePointer<CChar>?
    typealias Destroy = @convention(c) (Handle) -> Void
    typealias Decode = @convention(c) (UnsafePointer<CChar>) -> Handle
    typealias DecodeWithError = @convention(c) (UnsafePointer<CChar>, UnsafeMutableRawPointer?) -> Handle
    typealias Copy = @convention(c) (Handle) -> Handle
    typealias Encode = @convention(c) (Handle) -> Text
    typealias EncodeWithFlags = @convention(c) (Handle, Int32) -> Text
    typealias Pair = @convention(c) (Handle, Handle) -> Handle
    typealias Create = @convention(c) (Int, Int32) -> Handle
    typealias Change = @convention(c) (Handle, UInt32) -> Int32
    typealias Test = @convention(c) (Handle, UInt32) -> Bool
    typealias Find = @convention(c) (Handle, UnsafePointer<CChar>) -> Int32
}
