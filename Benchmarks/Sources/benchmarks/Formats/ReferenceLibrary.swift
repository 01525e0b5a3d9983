import Glibc

/// The C libraries of a flux-core installation, opened by path, to do the same work.
struct ReferenceLibrary {
    private var handles: [UnsafeMutableRawPointer] = []
    /// Files that were named and could not be opened, and why.
    private(set) var problems: [String] = []

    /// Opens those of the libraries that are in a folder, the extension of the Python bindings below it, which has the
    /// event log, and some files more.
    init(folder: String, and files: [String] = []) {
        let names = ["libflux-core.so.2", "libflux-idset.so.1", "libflux-hostlist.so.1", "libflux-taskmap.so.1"]
        handles = names.compactMap { dlopen("\(folder)/\($0)", RTLD_NOW | RTLD_LOCAL) }
        for path in files {
            if let handle = dlopen(path, RTLD_LAZY | RTLD_LOCAL) {
                handles.append(handle)
            } else {
                problems.append(String(cString: dlerror()))
            }
        }
        var found = glob_t()
        defer { globfree(&found) }
        if glob("\(folder)/python3*/site-packages/_flux/_core*.so", 0, nil, &found) == 0, let path = found.gl_pathv[0] {
            if let handle = dlopen(path, RTLD_LAZY | RTLD_LOCAL) { handles.append(handle) }
        }
    }

    /// Whether there is no library at all.
    var isEmpty: Bool { handles.isEmpty }

    /// A function by its name, as the C type that the caller says it has; also one of a library that these are linked with.
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
    typealias EncodeWithFlags = @convention(c) (Handle, Int) -> Text
    typealias Pair = @convention(c) (Handle, Handle) -> Handle
    typealias Create = @convention(c) (Int, Int32) -> Handle
    typealias Change = @convention(c) (Handle, UInt32) -> Int32
    typealias Test = @convention(c) (Handle, UInt32) -> Bool
    typealias Find = @convention(c) (Handle, UnsafePointer<CChar>) -> Int32

    /// Texts as C has them, made beforehand so that the making is on nobody's account; they are never freed.
    static func texts(_ texts: [String]) -> [UnsafePointer<CChar>] { texts.map { UnsafePointer(strdup($0)) } }

    /// One such text.
    static func text(_ text: String) -> UnsafePointer<CChar> { UnsafePointer(strdup(text)) }
}
