import style from "./Switch.module.css";

interface SwitchProps {
  label: string;
  hint?: string;
  on: boolean;
  disabled?: boolean;
  onChange: (on: boolean) => void;
}

export function Switch({ label, hint, on, disabled, onChange }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={on}
      disabled={disabled}
      className={style.row}
      onClick={() => onChange(!on)}
    >
      <span className={style.words}>
        <span className={style.label}>{label}</span>
        {hint && <span className={style.hint}>{hint}</span>}
      </span>
      <span className={style.track}>
        <span className={style.knob} />
      </span>
    </button>
  );
}
