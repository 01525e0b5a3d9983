internal import Glibc

/// The terminal that this command writes to.
public enum Terminal {
    /// Its width in columns, `COLUMNS` of the environment first; 0 when standard output is no terminal.
    public static var width: Int {
        guard isatty(1) == 1 else { return 0 }
        if let columns = Environment["COLUMNS"].flatMap({ Int($0) }), columns > 0 { return columns }
        return size?.columns ?? 80
    }

    /// Rows and columns as the terminal tells them, or nil when there is none.
    public static var size: (rows: Int, columns: Int)? {
        // Device status is not asked for: a listing must not wait.
        for name in ["LINES", "COLUMNS"] where Environment[name] == nil { return ioctlSize }
        guard let rows = Environment["LINES"].flatMap({ Int($0) }), let columns = Environment["COLUMNS"].flatMap({ Int($0) })
        else { return ioctlSize }
        return (rows, columns)
    }

    private static var ioctlSize: (rows: Int, columns: Int)? {
        var size = winsize()
        guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 else { return nil }
        return (Int(size.ws_row), Int(size.ws_col))
    }
}
