import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.Arrays;
import java.util.Properties;

/** Nanoseconds for getConnection() and close() of HikariCP with connections to nothing. */
public final class HikariBench {
    /** A driver whose connections answer everything with nothing. */
    public static final class StubSource implements javax.sql.DataSource {
        public Connection getConnection() {
            return (Connection) Proxy.newProxyInstance(
                HikariBench.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    Class<?> type = method.getReturnType();
                    if (method.getName().equals("isValid") || method.getName().equals("getAutoCommit")) return true;
                    if (type == boolean.class) return false;
                    if (type == int.class) return 2;
                    if (method.getName().equals("hashCode")) return 1;
                    if (method.getName().equals("equals")) return proxy == arguments[0];
                    return null;
                });
        }

        public Connection getConnection(String user, String password) { return getConnection(); }
        public java.io.PrintWriter getLogWriter() { return null; }
        public void setLogWriter(java.io.PrintWriter writer) {}
        public void setLoginTimeout(int seconds) {}
        public int getLoginTimeout() { return 0; }
        public java.util.logging.Logger getParentLogger() { return null; }
        public <T> T unwrap(Class<T> type) { return null; }
        public boolean isWrapperFor(Class<?> type) { return false; }
    }

    public static void main(String[] arguments) throws Exception {
        HikariConfig config = new HikariConfig();
        config.setDataSource(new StubSource());
        config.setMaximumPoolSize(20);
        config.setMinimumIdle(20);
        try (HikariDataSource source = new HikariDataSource(config)) {
            int count = 2_000_000;
            double[] figures = new double[7];
            for (int round = 0; round < figures.length + 2; round++) {
                long start = System.nanoTime();
                for (int i = 0; i < count; i++) source.getConnection().close();
                // Two rounds warm the compiler up.
                if (round >= 2) figures[round - 2] = (System.nanoTime() - start) / (double) count;
            }
            Arrays.sort(figures);
            System.out.println(figures[figures.length / 2]);
        }
    }
}
