// Follows Airflow's light and dark: the page lives in a frame of the same origin. By itself it follows the system.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");

  function airflow() {
    try {
      return parent === window ? null : parent.document.documentElement;
    } catch {
      return null;
    }
  }

  function isDark() {
    const classes = airflow()?.classList;
    if (classes?.contains("dark")) return true;
    if (classes?.contains("light")) return false;
    const chosen = localStorage.getItem("theme");
    return chosen === "dark" || (chosen !== "light" && system.matches);
  }

  function follow() {
    const theme = isDark() ? "dark" : "light";
    if (document.documentElement.dataset.theme === theme) return;
    document.documentElement.dataset.theme = theme;
    dispatchEvent(new Event("themechange"));
  }

  follow();
  system.addEventListener("change", follow);
  addEventListener("storage", follow);
  if (airflow()) new MutationObserver(follow).observe(airflow(), { attributeFilter: ["class"] });
})();
