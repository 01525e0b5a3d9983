import Testing

/// Runs a test in a folder of its own and demands that nothing is left there: no process, socket or directory.
func inPlace(_ body: (Place) throws -> Void) rethrows {
    let place = Place()
    var left: [String] = []
    do {
        defer { left = place.clean() }
        try body(place)
    }
    #expect(left == [])
}

/// Real instances through `flux start`; everything is seen and done through the command line or a socket.
@Suite("instances", .serialized, .enabled(if: Programs.areBuilt))
struct InstanceTests {}
