internal import Glibc

/// C strings in one block of memory and the NULL-terminated list of pointers that exec wants.
struct StringTable: ~Copyable {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let block: UnsafeMutablePointer<CChar>
    private let count: Int

    /// - Parameter spare: further pointers, left for the caller.
    init(_ strings: [String]) {
        count = strings.count
        pointers = .allocate(capacity: strings.count + 1)
        block = .allocate(capacity: strings.reduce(1) { $0 + $1.utf8.count + 1 })
        var next = block
        for (index, string) in strings.enumerated() {
            pointers[index] = next
            // An embedded NUL would cut the string for exec; nothing else can be done with it.
            for byte in string.utf8 {
                next.pointee = CChar(bitPattern: byte)
                next += 1
            }
            next.pointee = 0
            next += 1
        }
        pointers[strings.count] = nil
    }

    /// The environment as `NAME=value` strings.
    init(environment: [String: String]) {
        self.init(environment.map { "\($0.key)=\($0.value)" })
    }

    deinit {
        pointers.deallocate()
        block.deallocate()
    }
}
